// Small parts that many views have.

import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { typeAddress } from "../call/share";
import { typeName } from "../model/catalogue";
import type { Field, TypeRef } from "../model/api";
import { Icon, type IconName } from "./icon";
import { usePage } from "./page";

/** A type as the IDL writes it, its names linked. */
export function TypeLink({ type, typedef }: { type: TypeRef | null; typedef?: string | undefined }) {
  const { catalogue } = usePage();
  if (type === null) return <span class="type">void</span>;
  if (typedef !== undefined && catalogue.type(typedef) !== undefined) {
    return (
      <a class="type" href={typeAddress(typedef)} title={typeName(type)}>
        {typedef}
      </a>
    );
  }
  if (typeof type === "object" && "ref" in type) {
    return (
      <a class="type" href={typeAddress(type.ref)}>
        {type.ref}
      </a>
    );
  }
  return (
    <span class="type" title={typedef}>
      {containerParts(type)}
    </span>
  );
}

function containerParts(type: TypeRef): ComponentChildren {
  if (typeof type === "string") return type;
  if ("ref" in type) return <TypeLink type={type} />;
  if ("list" in type) return <>list&lt;{containerParts(type.list)}&gt;</>;
  if ("set" in type) return <>set&lt;{containerParts(type.set)}&gt;</>;
  return (
    <>
      map&lt;{containerParts(type.map[0])}, {containerParts(type.map[1])}&gt;
    </>
  );
}

export function Deprecated({ mark }: { mark: string | true | undefined }) {
  if (mark === undefined) return null;
  return (
    <span class="badge warning" title={typeof mark === "string" ? mark : undefined}>
      deprecated
    </span>
  );
}

/** What is said of a field beside its type. */
export function FieldMarks({ field, isUnion = false }: { field: Field; isUnion?: boolean }) {
  return (
    <>
      {field.requiredness === "required" && !isUnion && <span class="badge required">required</span>}
      {field.requiredness === "optional" && !isUnion && <span class="badge">optional</span>}
      {field.sensitive === true && <span class="badge">sensitive</span>}
      <Deprecated mark={field.deprecated} />
    </>
  );
}

interface CopyProps {
  /** What is copied, made when it is asked for. */
  text: () => string;
  label: string;
  icon?: IconName;
  /** Whether the label is shown, rather than only told. */
  isWide?: boolean;
}

const SHOWN_MILLISECONDS = 1600;

export function CopyButton({ text, label, icon = "copy", isWide = false }: CopyProps) {
  const page = usePage();
  const [state, setState] = useState<"idle" | "done" | "failed">("idle");
  useEffect(() => {
    if (state === "idle") return undefined;
    const timer = setTimeout(() => setState("idle"), SHOWN_MILLISECONDS);
    return () => clearTimeout(timer);
  }, [state]);
  const copy = async () => {
    const isDone = await copyText(text());
    setState(isDone ? "done" : "failed");
    page.tell(isDone ? "Copied" : "The browser does not allow copying");
  };
  return (
    <button
      type="button"
      class={isWide ? "quiet" : "icon"}
      aria-label={label}
      title={label}
      onClick={() => void copy()}
    >
      <Icon name={icon} />
      {(isWide || state !== "idle") && <span>{state === "idle" ? label : state === "done" ? "Copied" : "Failed"}</span>}
    </button>
  );
}

/** Over plain HTTP browsers have no clipboard for pages; there the text is selected and copied as by hand. */
async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    area.className = "hidden";
    document.body.append(area);
    area.select();
    const isDone = document.execCommand("copy");
    area.remove();
    return isDone;
  }
}
