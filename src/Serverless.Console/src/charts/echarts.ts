import { BarChart, CustomChart, HeatmapChart, LineChart, ParallelChart, ScatterChart } from 'echarts/charts'
import { DataZoomComponent, GridComponent, MarkLineComponent, ParallelComponent, ToolboxComponent, TooltipComponent, VisualMapComponent, BrushComponent, AxisPointerComponent } from 'echarts/components'
import { connect, init, use } from 'echarts/core'
import { CanvasRenderer } from 'echarts/renderers'

use([
  LineChart, ParallelChart, ScatterChart, BarChart, HeatmapChart, CustomChart,
  DataZoomComponent, GridComponent, MarkLineComponent, ParallelComponent, ToolboxComponent, TooltipComponent, VisualMapComponent, BrushComponent, AxisPointerComponent,
  CanvasRenderer,
])

export { connect, init }
export type { EChartsType } from 'echarts/core'
export type { EChartsCoreOption as Option } from 'echarts/core'
