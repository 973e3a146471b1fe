// A mock for the whole run, and a sandbox in it for each test.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

let number = 0;

// Starts a mock that lives until `stop` is called or this program ends, even if it is killed.
export async function lockstep(spec) {
  const program = process.env.LOCKSTEP ?? 'lockstep';
  const child = spawn(program, ['mock', spec, '--listen', '127.0.0.1:0', '--exit-with-stdin'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const failed = new Promise((_, reject) => child.once('error', reject));
  const url = await Promise.race([ready(child), failed]);
  return {
    // The base URL of a state that no other test sees.
    sandbox: () => `${url}/~test-${(number += 1)}`,
    // How many requests with these properties a sandbox has had: { method: 'DELETE', status: '2xx' }.
    count: async (sandbox, wanted) => {
      const answer = await fetch(`${sandbox}/_lockstep/requests?${new URLSearchParams(wanted)}`);
      return (await answer.json()).count;
    },
    stop: () => child.stdin.end(),
  };
}

async function ready(child) {
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith('listening on ')) return line.slice('listening on '.length).trim();
  }
  throw new Error('the mock ended before it was ready; it has said why above');
}
