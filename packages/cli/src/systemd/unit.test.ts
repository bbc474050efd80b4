import { expect, test } from "vitest";
import { unitText } from "./unit.ts";

test("what systemd would take for its own is written so that it does not", () => {
  const text = unitText({
    stack: "shop",
    environment: "dev",
    root: "/srv/50% of it",
    argv: ["/opt/no de/bin/node", "--root", "/srv/$HOME", 'a"b\\c'],
    env: { PATH: "/usr/bin", GREETING: 'say "50%"' },
    ofUser: true,
  });
  expect(text).toContain('ExecStart="/opt/no de/bin/node" --root /srv/$$HOME "a\\"b\\\\c"\n');
  expect(text).toContain("WorkingDirectory=/srv/50%% of it\n");
  expect(text).toContain('Environment=PATH=/usr/bin\nEnvironment="GREETING=say \\"50%%\\""\n');
  expect(text).toContain("WantedBy=default.target");
});
