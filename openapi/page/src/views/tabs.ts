// Tabs by the keyboard: the arrow keys choose, and the focus goes along.

interface Tabs {
  choose: (id: string) => void;
  pressed: (event: KeyboardEvent) => void;
}

export function useTabs(ids: string[], chosen: string, choose: (id: string) => void): Tabs {
  const at = ids.indexOf(chosen);
  return {
    choose,
    pressed: (event) => {
      const target = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: ids.length - 1 }[event.key];
      const id = target === undefined ? undefined : ids.at(target % ids.length);
      if (id === undefined) return;
      event.preventDefault();
      choose(id);
      document.getElementById(`tab-${id}`)?.focus();
    },
  };
}
