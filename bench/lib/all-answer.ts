import { request } from "node:http";

/** Resolves when every port of 127.0.0.1 has answered an HTTP request. Throws after `withinMs`. */
export async function allAnswer(ports: readonly number[], withinMs = 60_000): Promise<void> {
  const end = performance.now() + withinMs;
  await Promise.all(
    ports.map(async (port) => {
      while (!(await answers(port))) {
        if (performance.now() > end) throw new Error(`port ${port} did not answer within ${withinMs} ms`);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    }),
  );
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const call = request({ host: "127.0.0.1", port, path: "/", timeout: 1000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    call.on("error", () => resolve(false));
    call.on("timeout", () => call.destroy());
    call.end();
  });
}
