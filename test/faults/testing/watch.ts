import type { AgentClient, ResourceView } from "@caisson/runtime";

/** The views that an agent tells of, in order, with its own times: how slow this test is, or a program's start, is not in them. */
export interface Watch {
  readonly views: readonly ResourceView[];
  of(name: string): readonly ResourceView[];
  /** Stops listening, where the agent did not end before. */
  end(): Promise<void>;
}

/** Listens from now on; the stack must have a resource already, whose view is the sign that the agent heard. */
export async function watchViews(agent: AgentClient): Promise<Watch> {
  const views: ResourceView[] = [];
  const stop = new AbortController();
  const heard = Promise.withResolvers<void>();
  const listening = (async () => {
    for await (const event of agent.events(stop.signal)) {
      if (event.type === "resource") views.push(event.resource);
      heard.resolve();
    }
  })();
  // An agent that is killed breaks the stream; the views up to then are what is asked for.
  const over = listening.catch(() => {});
  await Promise.race([heard.promise, listening]);
  return {
    views,
    of: (name) => views.filter((view) => view.name === name),
    async end() {
      stop.abort();
      await over;
    },
  };
}
