/** Stages in S3 whose credentials expire while files travel: the driver would try the old ones for ever. */
import { createRequire } from 'node:module';

/** As much of the AWS client as is changed. */
interface S3Module {
  readonly S3: { readonly prototype: { send: (...given: unknown[]) => Promise<unknown> } };
}

let done = false;

/**
 * Makes an expired token an error that ends the driver's transfer of a file, so that `transfer` can ask Snowflake for new
 * credentials. By itself the driver renews nothing there and goes on without pause or end. The change is of the class
 * that the driver makes its clients of, which nothing else here uses.
 */
export function endWithToken(): void {
  if (done) return;
  done = true;
  const ofDriver = createRequire(createRequire(import.meta.url).resolve('snowflake-sdk'));
  const { prototype } = (ofDriver('@aws-sdk/client-s3') as S3Module).S3;
  const { send } = prototype;
  prototype.send = async function (...given) {
    try {
      return await send.apply(this, given);
    } catch (error) {
      // The driver looks at `Code` alone; name and message stay and are told.
      if (error instanceof Error && 'Code' in error && error.Code === 'ExpiredToken') error.Code = 'Expired';
      throw error;
    }
  };
}
