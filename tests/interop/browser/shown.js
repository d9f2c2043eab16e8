// Injected into a page that shows its result in #token: `runCells()` gives that text once it is there.
'use strict';

const LOOK_MILLISECONDS = 50;

window.runCells = async () => {
  const shown = document.getElementById('token');
  while (shown.textContent === '') {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MILLISECONDS));
  }
  return [shown.textContent];
};
