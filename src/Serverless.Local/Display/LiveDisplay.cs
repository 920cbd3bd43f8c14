using Serverless.Pipelines.Engines.Local;
using Serverless.Pipelines.Execution;
using Serverless.Pipelines.Model;
using Serverless.Pipelines.Orchestration;
using Serverless.Tracking.Runs;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Serverless.Local.Display;

/// <summary>A live table: one row per task with its state and time, above the run's progress bar.</summary>
internal sealed class LiveDisplay : IRunDisplay
{
    private const int BarWidth = 40;
    private static readonly TimeSpan Refresh = TimeSpan.FromMilliseconds(100);

    private readonly Lock gate = new();
    private readonly List<string> order = [];
    private readonly Dictionary<string, TaskRecord> tasks = [];
    private readonly Run run;
    private readonly CancellationTokenSource ended = new();
    private readonly Task painting;

    public LiveDisplay(Run run, PipelineSpec pipeline)
    {
        this.run = run;
        foreach (var task in pipeline.Graph.Tasks)
        {
            order.Add(task.Name);
            tasks[task.Name] = new TaskRecord
            {
                Path = task.Name,
                Attempt = 1,
                State = TaskState.Pending,
            };
        }

        painting = Terminal
            .Out.Live(Paint())
            .AutoClear(false)
            .Overflow(VerticalOverflow.Crop)
            .Cropping(VerticalOverflowCropping.Top)
            .StartAsync(PaintAsync);
    }

    public void On(RunEvent happened)
    {
        lock (gate)
        {
            if (!tasks.ContainsKey(happened.Task.Path))
            {
                order.Add(happened.Task.Path);
            }

            tasks[happened.Task.Path] = happened.Task;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await ended.CancelAsync();
        await painting;
        ended.Dispose();
    }

    private async Task PaintAsync(LiveDisplayContext live)
    {
        while (!ended.IsCancellationRequested)
        {
            live.UpdateTarget(Paint());
            await Task.Delay(Refresh, TimeProvider.System, ended.Token).ContinueWith(_ => { }, TaskScheduler.Default);
        }

        live.UpdateTarget(Paint());
    }

    private Rows Paint()
    {
        lock (gate)
        {
            var now = TimeProvider.System.GetUtcNow();
            var table = new Table().Border(TableBorder.None).HideHeaders().AddColumns("", "", "").AddColumn(new TableColumn("").NoWrap());
            foreach (var name in order)
            {
                var task = tasks[name];
                table.AddRow(new Markup(Sign(task)), new Text(name), new Markup(RunText.State(task)), Detail(task, now));
            }

            var done = tasks.Values.Count(t => t.State is not (TaskState.Pending or TaskState.Running or TaskState.WaitingForApproval));
            var filled = order.Count == 0 ? BarWidth : BarWidth * done / order.Count;
            var bar =
                $"[green]{new string('━', filled)}[/][grey]{new string('━', BarWidth - filled)}[/] {done}/{order.Count}  "
                + $"{RunText.Time(now - run.StartTime)}";
            return new Rows(new Markup($"[bold]{Markup.Escape(run.Name)}[/]  run {run.Id[..8]}"), table, new Markup(bar));
        }
    }

    private static string Sign(TaskRecord task) =>
        task.State switch
        {
            TaskState.Succeeded => "[green]✓[/]",
            TaskState.Failed => "[red]✗[/]",
            TaskState.Running => "[blue]●[/]",
            TaskState.Pending => "[grey]·[/]",
            TaskState.WaitingForApproval => "[yellow]?[/]",
            _ => "[yellow]-[/]",
        };

    private static IRenderable Detail(TaskRecord task, DateTimeOffset now)
    {
        var why = task.Result.Error?.Message ?? task.Result.Reason;
        return why is null
            ? new Text(task.Result.IsCacheHit ? "" : RunText.Time(RunText.TimeOf(task, now)))
            : new Text(why.Split('\n')[0]).Overflow(Overflow.Ellipsis);
    }
}
