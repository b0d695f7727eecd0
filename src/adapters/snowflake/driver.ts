/** The way to the driver, which is loaded when a warehouse is opened. */
import type * as Sdk from 'snowflake-sdk';

export type Driver = typeof Sdk;

let loading: Promise<Driver> | undefined;

const silent = (): void => {};

/**
 * The driver, with its own log turned off: by default it writes `snowflake.log` into the working folder and to the
 * console. What its AWS client says about Node versions to come is no concern of the user's.
 */
export function loadDriver(): Promise<Driver> {
  loading ??= load();
  return loading;
}

async function load(): Promise<Driver> {
  // Read whenever it makes a client of AWS, which may be long after.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  process.env.SNOWFLAKE_DISABLE_PLATFORM_DETECTION ??= 'true';
  const module = await import('snowflake-sdk');
  const driver = (module as unknown as { readonly default?: Driver }).default ?? module;
  driver.configure({
    logLevel: 'OFF',
    additionalLogToConsole: false,
    customLogger: { error: silent, warn: silent, info: silent, debug: silent, trace: silent },
    keepAlive: true,
    // Otherwise files go as streams, which the client of AWS neither sends again nor stays silent about.
    enableExperimentalMultipartUploads: true,
  });
  return driver;
}
