// What a user of the npm package `mlflow` does, from an experiment to a deleted and restored run. The last line is the result.
const MLflow = require('mlflow').default || require('mlflow');
const { Experiments, Runs, Metrics, Artifacts } = new MLflow({ endpoint: process.argv[2] });

(async () => {
  const { experiment_id } = await Experiments.create({ name: 'from-npm' });
  await Experiments.update({ experiment_id, new_name: 'from-npm-renamed' });
  const { experiments } = await Experiments.list();
  const { experiment } = await Experiments.get({ experiment_id });
  const { run } = await Runs.create({ experiment_id, user_id: 'node', start_time: 1700000000000, tags: [{ key: 'mlflow.runName', value: 'first' }] });
  const run_id = run.info.run_id;
  for (let step = 0; step < 3; step++) {
    await Runs.logMetric({ run_id, key: 'loss', value: 1 / (step + 1), timestamp: 1700000000000 + step, step });
  }
  await Runs.logParameter({ run_id, key: 'lr', value: '0.1' });
  await Runs.setTag({ run_id, key: 'color', value: 'blue' });
  await Runs.setTag({ run_id, key: 'gone', value: 'soon' });
  await Runs.deleteTag({ run_id, key: 'gone' });
  await Runs.logBatch({ run_id, metrics: [{ key: 'auc', value: 0.9, timestamp: 1700000000005, step: 0 }], params: [{ key: 'depth', value: '3' }], tags: [{ key: 'kind', value: 'test' }] });
  await Runs.update({ run_id, status: 'FINISHED', end_time: 1700000001000 });
  const { metrics } = await Metrics.getHistory({ run_id, metric_key: 'loss' });
  const got = (await Runs.get({ run_id })).run;
  const found = await Runs.search({ experiment_ids: [experiment_id], filter: 'metrics.auc > 0.8 and params.lr = "0.1"' });
  const artifacts = await Artifacts.list({ run_id });
  await Runs.delete({ run_id });
  const active = await Runs.search({ experiment_ids: [experiment_id], run_view_type: 'ACTIVE_ONLY' });
  await Runs.restore({ run_id });
  await Experiments.delete({ experiment_id });
  await Experiments.restore({ experiment_id });
  let refused = '';
  try { await Runs.get({ run_id: '0'.repeat(32) }); } catch (e) { refused = String(e); }
  console.log(JSON.stringify({
    names: experiments.map(e => e.name), name: experiment.name, history: metrics.map(m => m.value), status: got.info.status,
    params: Object.fromEntries(got.data.params.map(p => [p.key, p.value])), tags: got.data.tags.map(t => t.key).sort(),
    found: found.runs.map(r => r.info.run_id === run_id), active: (active.runs || []).length, root: artifacts.root_uri, refused,
  }));
})().catch(e => { console.error(e); process.exit(1); });
