import { expect, test } from "vitest";
import { SearchIndex } from "../src/search/search";
import { nearest } from "../src/check/nearest";
import { catalogue } from "./model";

const index = new SearchIndex(catalogue);
const titles = (query: string) => index.find(query).map((found) => `${found.kind} ${found.title}`);

test("what is named so comes first", () => {
  expect(titles("getuser")[0]).toBe("method getUser");
  expect(titles("gu")[0]).toBe("method getUser");
  expect(titles("Users.getUser")[0]).toBe("method getUser");
  expect(titles("User")[0]).toBe("type User");
  expect(titles("infra")[0]).toBe("member Color.INFRARED");
});

test("fields and comments are found too", () => {
  expect(titles("expiresIn")).toContain("field LoginResult.expiresIn");
  expect(titles("opens a session")).toEqual(["method login"]);
});

test("each word has to fit", () => {
  expect(titles("user zzz")).toEqual([]);
  expect(titles("  ")).toEqual([]);
});

test("the nearest name", () => {
  expect(nearest("emial", ["email", "name"])).toBe("email");
  expect(nearest("EMAIL", ["email", "name"])).toBe("email");
  expect(nearest("xyz", ["email", "name"])).toBeUndefined();
});
