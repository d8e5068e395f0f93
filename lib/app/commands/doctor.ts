// `doctor`: everything that can be known before a live run starts, a line each. It places no order
// and changes no setting.

import { connect } from "../connect.ts";
import { examine, exitCodeOf, type Finding, type Patient } from "../doctor.ts";
import { exists } from "../environment.ts";
import { UserError } from "../errors.ts";
import { readKeys } from "../keys.ts";
import { print, type Shell } from "../shell.ts";
import { table } from "../table.ts";
import { exchangeUrls, type UrlFlags } from "../urls.ts";

/** Flags of `doctor`. */
export interface DoctorFlags extends UrlFlags {
  readonly market?: string;
  readonly envFile?: string;
  readonly json?: true;
}

/** Prints what it finds and gives the exit code: 7 where the keys are refused, 1 for anything else. */
export async function doctorCommand(flags: DoctorFlags, shell: Shell): Promise<number> {
  const urls = exchangeUrls(flags, shell);
  const files = fileFindings(flags, shell);
  const { signer, finding: keys } = keyFinding(flags, shell);
  using connection = connect(urls, signer);
  const patient: Patient = {
    connection,
    keys,
    files,
    ...(flags.market === undefined ? {} : { symbol: flags.market }),
  };
  const findings = await examine(patient, new AbortController().signal);
  if (flags.json) print(shell, JSON.stringify(findings, null, 2));
  else {
    const rows = findings.map(({ check, verdict, text }) => [verdict, check, text]);
    print(shell, table(rows));
  }
  return exitCodeOf(findings);
}

function keyFinding({ envFile }: DoctorFlags, shell: Shell) {
  const check = "keys";
  try {
    const signer = readKeys({ ...shell, err() {} }, envFile);
    const finding: Finding = signer === undefined
      ? { check, verdict: "warn", text: "none set: paper runs only" }
      : { check, verdict: "ok", text: `public key ${signer.publicKey}` };
    return { signer, finding };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const finding: Finding = { check, verdict: "fail", text: error.message };
    return { signer: undefined, finding };
  }
}

/** Files with keys in them that others on this machine may read. */
function fileFindings({ envFile = ".env" }: DoctorFlags, shell: Shell): readonly Finding[] {
  const paths = [envFile, shell.env("BPX_API_SECRET_FILE") ?? ""];
  return paths.filter((path) => path !== "" && exists(path)).map((path) => {
    const mode = (Deno.statSync(path).mode ?? 0) & 0o777;
    const rights = mode.toString(8);
    const isOpen = (mode & 0o077) !== 0;
    return {
      check: "file",
      verdict: isOpen ? "warn" : "ok",
      text: `${path} has mode ${rights}${isOpen ? `: chmod 600 ${path}` : ""}`,
    };
  });
}
