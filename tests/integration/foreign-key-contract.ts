/** Properties of two tables with contracts: the foreign key of `children.parent_id` is as `key` says. */
export const foreignKeyContract = (key: string): string => `models:
  - name: parents
    config: {contract: {enforced: true}}
    columns: [{name: id, data_type: integer, constraints: [{type: primary_key}]}]
  - name: children
    config: {contract: {enforced: true}}
    columns:
      - {name: id, data_type: integer}
      - name: parent_id
        data_type: integer
        constraints: [{type: foreign_key, ${key}}]
`;
