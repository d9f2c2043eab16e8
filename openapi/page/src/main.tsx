// The documents page of a gateway.

import { render } from "preact";
import { App } from "./views/app";
import { startTheme } from "./views/theme";
import "./styles/index.css";

startTheme();
const root = document.getElementById("page");
if (root !== null) render(<App />, root);
