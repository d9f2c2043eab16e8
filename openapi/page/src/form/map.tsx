// The entries of a map: an object where keys are scalars, otherwise pairs.

import { initial } from "../check/initial";
import { itemPlace, keyPlace } from "../check/place";
import { withItem, withKey, withMember, without, type Path } from "../json/edit";
import { array, member, type JsonArray, type JsonMember, type JsonObject, type Json } from "../json/value";
import type { Resolved } from "../model/catalogue";
import type { TypeRef } from "../model/api";
import { Icon } from "../views/icon";
import { describe, idOf, useForm, useWantedFocus } from "./context";
import { Faults } from "./faults";
import { Group } from "./group";
import { Tool } from "./list";
import { isInline, ValueView } from "./value";

interface Props {
  keyType: TypeRef;
  valueType: TypeRef;
  value: JsonObject | JsonArray;
  path: Path;
  place: string;
}

export function MapEntries({ keyType, valueType, value, path, place }: Props) {
  const form = useForm();
  const key = form.catalogue.resolve(keyType);
  const add = () => {
    const fresh = initial(form.catalogue, form.style, valueType);
    if (value.kind === "object") {
      const name = freshKey(key, value.members);
      form.wanted.place = `${keyPlace(place, name)} key`;
      form.draft.change((tree) => withMember(tree, path, member(name, fresh)));
    } else {
      form.wanted.place = itemPlace(place, value.items.length);
      form.draft.change((tree) => withItem(tree, path, array([initial(form.catalogue, form.style, keyType), fresh])));
    }
  };
  return (
    <div class="items">
      {value.kind === "object"
        ? value.members.map((entry, index) => (
            <Entry
              key={index}
              {...{ keyType: key, valueType, entry, index, map: path }}
              place={keyPlace(place, entry.key)}
            />
          ))
        : value.items.map((pair, index) => (
            <Pair key={index} {...{ keyType, valueType, pair, index, map: path }} place={itemPlace(place, index)} />
          ))}
      <button type="button" class="add" onClick={add}>
        <Icon name="plus" />
        Add an entry
      </button>
    </div>
  );
}

/** A key that is not there yet. */
function freshKey(key: Resolved, members: JsonMember[]): string {
  const taken = new Set(members.map((entry) => entry.key));
  if (key.kind === "enum") return key.type.members?.find(({ name }) => !taken.has(name))?.name ?? "0";
  if (key.kind === "base" && key.base === "bool") return taken.has("true") ? "false" : "true";
  const isText = key.kind === "base" && ["string", "binary", "uuid"].includes(key.base);
  if (isText) return "";
  let number = 0;
  while (taken.has(String(number))) number++;
  return String(number);
}

interface EntryProps {
  keyType: Resolved;
  valueType: TypeRef;
  entry: JsonMember;
  index: number;
  map: Path;
  place: string;
}

function Entry({ keyType, valueType, entry, index, map, place }: EntryProps) {
  const form = useForm();
  const path = [...map, index];
  const labelId = idOf(place, "name");
  const key = (
    <KeyControl
      type={keyType}
      text={entry.key}
      place={place}
      id={labelId}
      set={(text) => form.draft.change((tree) => withKey(tree, map, index, text))}
    />
  );
  const tools = (
    <span class="tools">
      <Tool
        icon="close"
        label={`Remove the entry ${entry.key}`}
        act={() => form.draft.change((tree) => without(tree, path))}
      />
    </span>
  );
  const view = <ValueView type={valueType} value={entry.value} path={path} place={place} labelId={labelId} />;
  if (isInline(form.catalogue.resolve(valueType), entry.value)) {
    return (
      <div class="item entry">
        {key}
        {view}
        {tools}
        <Faults place={place} />
      </div>
    );
  }
  return (
    <Group place={place} label={`entry ${entry.key}`} labelId={labelId} head={key} tools={tools}>
      <Faults place={place} />
      {view}
    </Group>
  );
}

interface KeyProps {
  type: Resolved;
  text: string;
  place: string;
  id: string;
  set: (text: string) => void;
}

function KeyControl({ type, text, place, id, set }: KeyProps) {
  const form = useForm();
  const { invalid, by } = describe(form, place, false);
  const element = useWantedFocus<HTMLInputElement & HTMLSelectElement>(`${place} key`);
  const names = type.kind === "enum" ? (type.type.members ?? []).map((candidate) => candidate.name) : [];
  const common = {
    id,
    class: "key",
    "aria-label": `Key ${text}`,
    "aria-invalid": invalid,
    "aria-describedby": by,
  } as const;
  if (names.includes(text)) {
    return (
      <select ref={element} {...common} value={text} onChange={(event) => set(event.currentTarget.value)}>
        {names.map((name) => (
          <option value={name}>{name}</option>
        ))}
      </select>
    );
  }
  return (
    <input
      ref={element}
      type="text"
      placeholder="key"
      spellcheck={false}
      autocomplete="off"
      {...common}
      value={text}
      onInput={(event) => set(event.currentTarget.value)}
    />
  );
}

interface PairProps {
  keyType: TypeRef;
  valueType: TypeRef;
  pair: Json;
  index: number;
  map: Path;
  place: string;
}

/** An entry whose key is no scalar. */
function Pair({ keyType, valueType, pair, index, map, place }: PairProps) {
  const form = useForm();
  const path = [...map, index];
  const labelId = idOf(place, "name");
  const tools = (
    <span class="tools">
      <Tool icon="close" label={`Remove entry ${index}`} act={() => form.draft.change((tree) => without(tree, path))} />
    </span>
  );
  const [key, value] = pair.kind === "array" ? pair.items : [];
  const parts = [
    { name: "key", type: keyType, value: key },
    { name: "value", type: valueType, value },
  ];
  return (
    <Group
      place={place}
      label={`entry ${index}`}
      labelId={labelId}
      head={<span class="index" id={labelId}>{`[${index}]`}</span>}
      tools={tools}
    >
      <Faults place={place} />
      {parts.map((part, position) => {
        const inner = itemPlace(place, position);
        return (
          <div class="field">
            <span class="name" id={idOf(inner, "name")}>
              {part.name}
            </span>
            <ValueView
              type={part.type}
              value={part.value}
              path={[...path, position]}
              place={inner}
              labelId={idOf(inner, "name")}
            />
            <Faults place={inner} />
          </div>
        );
      })}
    </Group>
  );
}
