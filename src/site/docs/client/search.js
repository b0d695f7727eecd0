import { titleOf } from './project.js';

/** Finds nodes by name, column, tag and description; whole names first. */
export function createSearch(project) {
  const entries = project.listed.map((node) => ({
    node,
    name: titleOf(node).toLowerCase(),
    columns: Object.keys({ ...node.columns, ...project.table(node.unique_id)?.columns }).map((name) =>
      name.toLowerCase(),
    ),
    tags: (node.tags ?? []).join(' ').toLowerCase(),
    text: `${node.description ?? ''} ${node.original_file_path}`.toLowerCase(),
  }));
  return (query) => {
    const words = query
      .toLowerCase()
      .split(/\s+/)
      .filter((word) => word !== '');
    const found = [];
    for (const entry of entries) {
      let score = 0;
      let why = '';
      for (const word of words) {
        const [points, reason] = scoreOf(entry, word);
        if (points === 0) {
          score = 0;
          break;
        }
        score += points;
        why = why || reason;
      }
      if (score > 0) found.push({ node: entry.node, why, score: score - entry.name.length / 1000 });
    }
    return found.sort((a, b) => b.score - a.score);
  };
}

function scoreOf(entry, word) {
  if (entry.name === word) return [100, ''];
  if (entry.name.startsWith(word)) return [60, ''];
  if (entry.name.includes(word)) return [40, ''];
  const column = entry.columns.find((name) => name.includes(word));
  if (column !== undefined) return [column === word ? 25 : 15, `column ${column}`];
  if (entry.tags.includes(word)) return [12, 'tag'];
  return entry.text.includes(word) ? [5, 'description'] : [0, ''];
}
