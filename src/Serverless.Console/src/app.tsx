import { Component, lazy, Suspense, useEffect, type ReactNode } from 'react'
import { Empty, Failure, Loading, Page } from './design'
import { Link, navigate, to, useLocation, withQuery, type Location } from './lib/router'
import { Shell } from './shell/shell'

const Home = lazy(() => import('./home/HomePage'))
const Experiments = lazy(() => import('./runs/ExperimentsPage'))
const Experiment = lazy(() => import('./runs/ExperimentPage'))
const Run = lazy(() => import('./run/RunPage'))
const Compare = lazy(() => import('./compare/ComparePage'))
const Models = lazy(() => import('./models/ModelsPage'))
const Model = lazy(() => import('./models/ModelPage'))
const Version = lazy(() => import('./models/VersionPage'))
const Rollout = lazy(() => import('./rollout/RolloutPage'))
const Datasets = lazy(() => import('./data/DatasetsPage'))
const Dataset = lazy(() => import('./data/DatasetPage'))
const Policies = lazy(() => import('./policies/PoliciesPage'))
const Policy = lazy(() => import('./policies/PolicyPage'))
const Settings = lazy(() => import('./settings/SettingsPage'))

function page({ segments }: Location): ReactNode {
  const [first, second, third, fourth] = segments
  switch (first) {
    case undefined:
      return <Home />
    case 'experiments':
      if (!second) return <Experiments />
      return <Experiment key={second} id={second} />
    case 'runs':
      return second ? <Run key={second} id={second} /> : <Experiments />
    case 'compare':
      return <Compare />
    case 'models':
      if (!second) return <Models />
      if (third === 'versions' && fourth) return <Version key={second + fourth} name={second} version={fourth} />
      if (third === 'rollout') return <Rollout key={second} name={second} />
      return <Model key={second} name={second} />
    case 'data':
      return second ? <Dataset key={second} name={second} /> : <Datasets />
    case 'policies':
      return second ? <Policy key={second} model={second} /> : <Policies />
    case 'settings':
      return <Settings />
  }
  return (
    <Page title="Not found">
      <Empty title="There is no such page">
        <Link to="/">Go to the home page</Link>
      </Empty>
    </Page>
  )
}

/** Where a link of another product's interface leads here. */
export function legacy({ segments: [a, b, c, d], query }: Location): string | undefined {
  // MLflow: #/experiments/{id}/runs/{id} and #/compare-runs?runs=["…"].
  if (a === 'experiments' && c === 'runs' && d) return to('runs', d)
  if (a === 'compare-runs') {
    try {
      return withQuery('/compare', { runs: (JSON.parse(query.get('runs') ?? '[]') as string[]).join(',') })
    } catch {
      return '/experiments'
    }
  }
  // Kubeflow: #/runs/details/{id} and #/experiments/details/{id}.
  if ((a === 'runs' || a === 'experiments') && b === 'details' && c) return to(a, c)
  return undefined
}

export function App() {
  const location = useLocation()
  const better = legacy(location)
  useEffect(() => {
    if (better) navigate(better, { replace: true })
  }, [better])
  return (
    <Shell>
      <Guard key={location.path}>
        <Suspense fallback={<Page title="…"><Loading /></Page>}>{better ? null : page(location)}</Suspense>
      </Guard>
    </Shell>
  )
}

/** A fault in one page leaves the rest of the console where it is. */
class Guard extends Component<{ children: ReactNode }, { error?: Error }> {
  override state: { error?: Error } = {}

  static getDerivedStateFromError(error: Error) {
    return { error }
  }

  override render() {
    if (!this.state.error) return this.props.children
    return (
      <Page title="This page broke">
        <Failure error={this.state.error} retry={() => window.location.reload()} />
      </Page>
    )
  }
}
