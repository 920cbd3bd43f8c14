export default function GraphView(_: any) { return null }
