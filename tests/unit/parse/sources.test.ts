import { expect, it } from 'vitest';
import { parseFiles } from '../../compat/parse.js';

it('external of a source has all the keys that dbt has there', async () => {
  const { parsed } = await parseFiles({
    'models/sources.yml': `
sources:
  - name: raw
    tables:
      - name: files
        external: {location: 's3://bucket/', partitions: [{name: day, data_type: date}], auto_refresh: true}
      - name: bare
        external: {}
      - name: plain
`,
  });
  const { files, bare, plain } = Object.fromEntries(
    Object.values(parsed.manifest.sources).map(({ name, external }) => [name, external]),
  );
  const nothing = { location: null, file_format: null, row_format: null, tbl_properties: null, partitions: null };
  expect(files).toEqual({
    ...nothing,
    location: 's3://bucket/',
    partitions: [{ name: 'day', data_type: 'date' }],
    auto_refresh: true,
  });
  expect(bare).toEqual(nothing);
  expect(plain).toBeNull();
});
