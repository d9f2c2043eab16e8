// The elements of a list or set.

import { useState } from "preact/hooks";
import { initial } from "../check/initial";
import { itemPlace } from "../check/place";
import { withItem, without, withSwapped, type Path } from "../json/edit";
import type { Json, JsonArray } from "../json/value";
import type { TypeRef } from "../model/api";
import { Icon } from "../views/icon";
import { idOf, useForm } from "./context";
import { Faults } from "./faults";
import { Group } from "./group";
import { isInline, ValueView } from "./value";

/** Elements that are shown until the reader asks for more: each is a few controls. */
const STEP = 100;

interface Props {
  element: TypeRef;
  isSet: boolean;
  value: JsonArray;
  path: Path;
  place: string;
}

export function ListItems({ element, isSet, value, path, place }: Props) {
  const form = useForm();
  const [limit, setLimit] = useState(STEP);
  const count = value.items.length;
  const add = () => {
    setLimit(Math.max(limit, count + 1));
    form.wanted.place = itemPlace(place, count);
    form.draft.change((tree) => withItem(tree, path, initial(form.catalogue, form.style, element)));
  };
  return (
    <div class="items">
      {value.items.slice(0, limit).map((item, index) => (
        <Item
          key={index}
          element={element}
          value={item}
          list={path}
          index={index}
          count={count}
          isSet={isSet}
          place={itemPlace(place, index)}
        />
      ))}
      {count > limit && (
        <button type="button" class="quiet" onClick={() => setLimit(limit + STEP)}>
          Show more of {count}
        </button>
      )}
      <button type="button" class="add" onClick={add}>
        <Icon name="plus" />
        Add an element
      </button>
    </div>
  );
}

interface ItemProps {
  element: TypeRef;
  value: Json;
  list: Path;
  index: number;
  count: number;
  isSet: boolean;
  place: string;
}

function Item({ element, value, list, index, count, isSet, place }: ItemProps) {
  const form = useForm();
  const path = [...list, index];
  const labelId = idOf(place, "name");
  const swap = (first: number) => form.draft.change((tree) => withSwapped(tree, list, first));
  const name = <span class="index" id={labelId}>{`[${index}]`}</span>;
  const tools = (
    <span class="tools">
      {!isSet && count > 1 && (
        <>
          <Tool icon="up" label={`Move element ${index} up`} isDisabled={index === 0} act={() => swap(index - 1)} />
          <Tool
            icon="down"
            label={`Move element ${index} down`}
            isDisabled={index === count - 1}
            act={() => swap(index)}
          />
        </>
      )}
      <Tool
        icon="close"
        label={`Remove element ${index}`}
        act={() => form.draft.change((tree) => without(tree, path))}
      />
    </span>
  );
  const view = <ValueView type={element} value={value} path={path} place={place} labelId={labelId} />;
  if (isInline(form.catalogue.resolve(element), value)) {
    return (
      <div class="item">
        {name}
        {view}
        {tools}
        <Faults place={place} />
      </div>
    );
  }
  return (
    <Group place={place} label={`element ${index}`} labelId={labelId} head={name} tools={tools}>
      <Faults place={place} />
      {view}
    </Group>
  );
}

interface ToolProps {
  icon: "up" | "down" | "close";
  label: string;
  isDisabled?: boolean;
  act: () => void;
}

export function Tool({ icon, label, isDisabled = false, act }: ToolProps) {
  return (
    <button type="button" class="icon small" aria-label={label} disabled={isDisabled} onClick={act}>
      <Icon name={icon} />
    </button>
  );
}
