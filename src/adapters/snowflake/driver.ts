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
  const quiet = 'AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED';
  const set = process.env[quiet];
  process.env[quiet] = 'true';
  process.env.SNOWFLAKE_DISABLE_PLATFORM_DETECTION ??= 'true';
  const module = await import('snowflake-sdk');
  if (set === undefined) delete process.env[quiet];
  else process.env[quiet] = set;
  const driver = (module as unknown as { readonly default?: Driver }).default ?? module;
  driver.configure({
    logLevel: 'OFF',
    additionalLogToConsole: false,
    customLogger: { error: silent, warn: silent, info: silent, debug: silent, trace: silent },
    keepAlive: true,
  });
  return driver;
}
