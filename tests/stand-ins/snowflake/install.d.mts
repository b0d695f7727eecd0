export function standInPython(): string | undefined;
export function installStandIn(): string | undefined;
