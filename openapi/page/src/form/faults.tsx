// The faults at a place.

import { idOf, useForm } from "./context";

export function Faults({ place }: { place: string }) {
  const { draft } = useForm();
  const faults = draft.faultsAt.value.get(place);
  if (faults === undefined) return null;
  return (
    <p class="fault" id={idOf(place, "fault")}>
      {faults.join("; ")}
    </p>
  );
}
