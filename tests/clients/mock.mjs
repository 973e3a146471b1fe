// A mock for the length of a test: starts the program, waits for its ready line, stops it.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export async function mock(...args) {
  const program = process.env.LOCKSTEP ?? 'target/debug/lockstep';
  const child = spawn(program, ['mock', ...args, '--listen', '127.0.0.1:0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith('listening on ')) {
      return { url: line.slice('listening on '.length).trim(), stop: () => child.kill() };
    }
  }
  throw new Error('the mock ended before it was ready');
}
