// CodeMirror for the arguments of a call. It lives in a shadow root: there its styles are adopted style sheets, which the
// page's Content-Security-Policy allows, where in the document they would be style elements, which it does not.

import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { json } from "@codemirror/lang-json";
import { bracketMatching, indentOnInput } from "@codemirror/language";
import { lintKeymap, setDiagnostics, type Diagnostic } from "@codemirror/lint";
import { EditorState, Prec, Transaction } from "@codemirror/state";
import { drawSelection, EditorView, highlightSpecialChars, keymap, tooltips } from "@codemirror/view";
import type { Draft, ShownFault } from "../call/draft";
import { sentence } from "../check/check";
import type { Parsed } from "../json/parse";
import type { Catalogue } from "../model/catalogue";
import { complete } from "./completion";
import { look } from "./look";

interface Options {
  parent: HTMLElement;
  text: string;
  draft: Draft;
  catalogue: Catalogue;
  /** Told of every change that the reader makes. */
  changed: (text: string) => void;
  run: () => void;
}

interface Editor {
  /** Shows this text, where it is another. */
  show(text: string): void;
  setFaults(parsed: Parsed, faults: ShownFault[]): void;
  destroy(): void;
}

export function createEditor({ parent, text, draft, catalogue, changed, run }: Options): Editor {
  const root = parent.shadowRoot ?? parent.attachShadow({ mode: "open" });
  const view = new EditorView({
    root,
    parent: root,
    state: EditorState.create({
      doc: text,
      extensions: [
        history(),
        drawSelection(),
        highlightSpecialChars(),
        indentOnInput(),
        bracketMatching(),
        closeBrackets(),
        json(),
        look,
        tooltips({ position: "absolute" }),
        autocompletion({ override: [(context) => complete(context, catalogue, draft.entry)], icons: false }),
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({ "aria-label": "Arguments as JSON", spellcheck: "false", tabindex: "0" }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) changed(update.state.doc.toString());
        }),
        Prec.highest(keymap.of([{ key: "Mod-Enter", run: () => (run(), true) }])),
        // Tab leaves the editor, as everywhere on a page.
        keymap.of([...closeBracketsKeymap, ...completionKeymap, ...lintKeymap, ...historyKeymap, ...defaultKeymap]),
      ],
    }),
  });
  return {
    show: (wanted) => show(view, wanted),
    setFaults: (parsed, faults) =>
      view.dispatch(setDiagnostics(view.state, diagnostics(view.state.doc.length, parsed, faults))),
    destroy: () => view.destroy(),
  };
}

/** Changes as little of the text as it takes, so that the cursor and the history of changes stay right. */
function show(view: EditorView, wanted: string): void {
  const present = view.state.doc.toString();
  if (present === wanted) return;
  const most = Math.min(present.length, wanted.length);
  let from = 0;
  while (from < most && present[from] === wanted[from]) from++;
  let tail = 0;
  while (tail < most - from && present.at(-1 - tail) === wanted.at(-1 - tail)) tail++;
  view.dispatch({
    changes: { from, to: present.length - tail, insert: wanted.slice(from, wanted.length - tail) },
    annotations: Transaction.userEvent.of("input.form"),
  });
}

function diagnostics(length: number, parsed: Parsed, faults: ShownFault[]): Diagnostic[] {
  if ("fault" in parsed) {
    const at = Math.min(parsed.fault.at, length);
    return [
      {
        from: Math.min(at, Math.max(0, length - 1)),
        to: Math.min(at + 1, length),
        severity: "error",
        message: parsed.fault.message,
      },
    ];
  }
  return faults
    .map((fault): Diagnostic => ({
      from: Math.min(fault.from, length),
      to: Math.min(Math.max(fault.to, fault.from), length),
      severity: "error",
      message: `${fault.place} ${sentence(fault)}`,
      ...(fault.isTold && { source: "gateway" }),
    }))
    .sort((left, right) => left.from - right.from);
}
