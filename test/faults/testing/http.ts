import { request } from "node:http";
import { setTimeout as delay } from "node:timers/promises";

/** Without a pool of connections, which would look like leaks. */
export function get(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { agent: false }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
      response.on("end", () => resolve(body));
    });
    outgoing.on("error", reject).end();
  });
}

/** Asks an address again and again until `end`, which tells every time that nobody listened there. */
export function watchAnswers(url: string): { end(): Promise<string[]> } {
  const refused: string[] = [];
  let over = false;
  const asking = (async () => {
    while (!over) {
      await get(url).catch((error: NodeJS.ErrnoException) => {
        // A connection may be cut when its listener closes; one that is refused met no listener at all.
        if (error.code === "ECONNREFUSED") refused.push(error.message);
      });
      await delay(5);
    }
  })();
  return {
    async end() {
      over = true;
      await asking;
      return refused;
    },
  };
}
