export function judgePython(): string | undefined;
export function installJudge(): string | undefined;
