import { describe, expect, it } from "vitest";
import { createHub } from "./hub.ts";
import type { AgentEvent } from "./protocol.ts";

const note = (message: string): AgentEvent => ({ type: "note", message });
const words = (event: AgentEvent): string => (event.type === "note" ? event.message : event.type);

describe("hub", () => {
  it("keeps what is told before the first read, and what was told before the end", async () => {
    const hub = createHub();
    const stop = new AbortController();
    const events = hub.listen(stop.signal);
    hub.tell(note("one"));
    const heard: string[] = [];
    for await (const event of events) {
      heard.push(words(event));
      if (heard.length > 1) continue;
      hub.tell(note("two"));
      hub.tell(note("three"));
      stop.abort();
      hub.tell(note("four"));
    }
    expect(heard).toEqual(["one", "two", "three"]);
  });

  it("wakes a reader that waits, and lets it go when nobody tells anything more", async () => {
    const hub = createHub();
    const stop = new AbortController();
    const events = hub.listen(stop.signal)[Symbol.asyncIterator]();
    const first = events.next();
    hub.tell(note("one"));
    expect(await first).toEqual({ done: false, value: note("one") });
    const second = events.next();
    stop.abort();
    expect(await second).toMatchObject({ done: true });
  });

  it("drops the oldest for a reader that is too slow, and says how many", async () => {
    const hub = createHub();
    const stop = new AbortController();
    const slow = hub.listen(stop.signal);
    for (let count = 1; count <= 10_005; count++) hub.tell(note(String(count)));
    stop.abort();
    const heard: string[] = [];
    for await (const event of slow) heard.push(words(event));
    expect(heard.slice(0, 2)).toEqual(["5 events were dropped: the reader was too slow", "6"]);
    expect(heard).toHaveLength(10_001);
  });
});
