/** What a statement answered: `load_result('main').response`. */
import type { QueryResult } from '../../adapters/adapter.js';
import { HostObject } from '../../jinja/index.js';
import type { AdapterResponse } from '../runtime.js';

export class ResponseValue extends HostObject {
  constructor(readonly response: AdapterResponse) {
    super();
  }

  static fromResult(result: QueryResult): ResponseValue {
    return new ResponseValue({
      _message: result.message,
      ...(result.rowsAffected === undefined ? {} : { rows_affected: result.rowsAffected }),
      ...(result.queryId === undefined ? {} : { query_id: result.queryId }),
    });
  }

  override get typeName(): string {
    return 'AdapterResponse';
  }

  override str(): string {
    return this.response._message;
  }

  override getAttribute(name: string): unknown {
    switch (name) {
      case '_message':
        return this.response._message;
      case 'code':
        return this.response.code ?? null;
      case 'rows_affected':
        return this.response.rows_affected ?? null;
      case 'query_id':
        return this.response.query_id ?? null;
      default:
        return undefined;
    }
  }
}
