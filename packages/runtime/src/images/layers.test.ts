import { expect, test } from "vitest";
import { layersOf } from "./layers.ts";

test("a pull is as far as what the engine told of its layers", () => {
  const layers = layersOf();
  const after = (...lines: Parameters<typeof layers.add>): readonly [string, boolean] => {
    layers.add(...lines);
    return [layers.text(), layers.allHere()];
  };
  expect(after({ status: "Pulling from library/nginx", id: "1.30.4" })).toEqual([
    "the registry has not answered yet",
    false,
  ]);
  after({ status: "Pulling fs layer", id: "a" });
  after({ status: "Already exists", id: "b" });
  expect(after({ status: "Waiting", id: "c" })).toEqual(["1 of 3 layers, 0 MB", false]);
  after({ status: "Downloading", id: "a", progressDetail: { current: 2_000_000 } });
  after({ status: "Download complete", id: "a" });
  expect(after({ status: "Downloading", id: "c", progressDetail: { current: 40_200_000 } })).toEqual([
    "2 of 3 layers, 42 MB",
    false,
  ]);
  after({ status: "Verifying Checksum", id: "c" });
  // What is unpacked is not fetched: its count of bytes is another.
  after({ status: "Extracting", id: "a", progressDetail: { current: 9_000_000 } });
  expect(after({ status: "Download complete", id: "c" })).toEqual(["3 of 3 layers, 42 MB", true]);
  expect(after({ status: "Digest: sha256:7de4" })).toEqual(["3 of 3 layers, 42 MB", true]);
});

test("a line that says what the one before said is no news, as of a download that hangs", () => {
  const layers = layersOf();
  const at = (current: number) => layers.add({ status: "Downloading", id: "a", progressDetail: { current } });
  expect([at(10), at(10), layers.add({ status: "Waiting", id: "b" }), at(10), at(11)]).toEqual([
    true,
    false,
    true,
    false,
    true,
  ]);
  const unpacking = { status: "Extracting", id: "a" };
  expect([1, 1, 2].map((current) => layers.add({ ...unpacking, progressDetail: { current } }))).toEqual([
    true,
    false,
    true,
  ]);
});
