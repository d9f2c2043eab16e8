// The languages that the page writes programs in, in the order of their tabs.

import { curl } from "./curl";
import { go } from "./go";
import { java } from "./java";
import { javascript } from "./javascript";
import { python } from "./python";
import { thrift } from "./thrift";
import type { Language } from "./snippet";

export const languages: Language[] = [curl, javascript, thrift, python, java, go];
