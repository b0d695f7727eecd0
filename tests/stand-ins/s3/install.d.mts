export function s3Program(): string | undefined;
export function installS3(): string | undefined;
