// What a command sees of the machine around it: two streams, the size of the terminal, the
// environment. Passed in, so that a test reads what a person would have read.

/** Columns and rows of a terminal. */
export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** The surroundings of a command. */
export interface Shell {
  /** Writes to stdout as it is. */
  out(text: string): void;
  /** Writes to stderr as it is. */
  err(text: string): void;
  /** Size of the terminal that stdout is; undefined if it is none. */
  outSize(): Size | undefined;
  /** Size of the terminal that stderr is; undefined if it is none. */
  errSize(): Size | undefined;
  /** An environment variable; undefined if unset or not permitted. */
  env(name: string): string | undefined;
  /** Names of all environment variables; undefined where the program may not list them. */
  envNames(): readonly string[] | undefined;
  /** Gives up the right to read these variables, for the rest of the process. */
  forget(names: readonly string[]): void;
}

/** The surroundings of this process. */
export function processShell(): Shell {
  const encoder = new TextEncoder();
  return {
    out: (text) => write(Deno.stdout, encoder.encode(text)),
    err: (text) => write(Deno.stderr, encoder.encode(text)),
    outSize: () => Deno.stdout.isTerminal() ? size() : undefined,
    errSize: () => Deno.stderr.isTerminal() ? size() : undefined,
    env: (name) => permitted(() => Deno.env.get(name)),
    envNames: () => permitted(() => Object.keys(Deno.env.toObject())),
    forget: (names) => {
      for (const variable of names) Deno.permissions.revokeSync({ name: "env", variable });
    },
  };
}

/** Prints one line to stdout. */
export function print(shell: Shell, line: string): void {
  shell.out(`${line}\n`);
}

/** Prints one line to stderr: logs, warnings and errors. */
export function warn(shell: Shell, line: string): void {
  shell.err(`${line}\n`);
}

interface Stream {
  writeSync(bytes: Uint8Array): number;
}

/** Writes all of `bytes`; a reader that has gone away (`bpx-bot list | head`) is no failure. */
function write(stream: Stream, bytes: Uint8Array): void {
  try {
    for (let done = 0; done < bytes.length;) done += stream.writeSync(bytes.subarray(done));
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}

/** A terminal may hide its size (a serial line): the classic one then. */
function size(): Size {
  try {
    const { columns, rows } = Deno.consoleSize();
    return columns > 0 && rows > 0 ? { columns, rows } : { columns: 80, rows: 24 };
  } catch {
    return { columns: 80, rows: 24 };
  }
}

function permitted<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return undefined;
    throw error;
  }
}
