using System.CommandLine;
using System.Globalization;
using Serverless.Automation.Checks;
using Serverless.Core;
using Serverless.Core.Columns;
using Serverless.Local.Display;
using Serverless.Monitoring.Checks;
using Serverless.Monitoring.Drift;
using Spectre.Console;

namespace Serverless.Local.Commands.Checks;

/// <summary>Checks that gate a change, a model or a deployment in CI. They need no store.</summary>
internal static class CheckCommand
{
    public static Command Create() =>
        new("check", "Check data or a model in CI. Exit codes: 0 passed, 1 failed, 2 usage error.")
        {
            Data(),
            Leakage(),
            Distribution(),
            Model(),
        };

    private static Command Data()
    {
        var data = File("data", "Rows to check: a CSV or Parquet file.");
        var schema = new Option<string>("--schema") { Description = "Schema of the rows: a YAML file.", Required = true };
        return Of(
            new Command("data", "Check rows against a schema.") { data, schema }.WithExample(
                "mlops check data data/churn.csv --schema schema.yaml --junit data.xml"
            ),
            (parsed, cancellationToken) => DataCheck.RunAsync(parsed.GetValue(data)!, parsed.GetValue(schema)!, cancellationToken)
        );
    }

    private static Command Leakage()
    {
        var (train, test) = (File("train", "Training rows: a CSV or Parquet file."), File("test", "Test rows: a CSV or Parquet file."));
        var label = new Option<string>("--label") { Description = "Column to predict.", Required = true };
        var id = new Option<string?>("--id")
        {
            Description = "Column that identifies the subject of a row. No value may occur in both files.",
        };
        var time = new Option<string?>("--time") { Description = "Time column. The training rows must end before the test rows begin." };
        var allow = new Option<string[]>("--allow") { Description = "Column that may reveal the label. Can be repeated." };
        return Of(
            new Command("leakage", "Check training and test rows for leakage.") { train, test, label, id, time, allow }.WithExample(
                "mlops check leakage train.csv test.csv --label churn --id customer"
            ),
            async (parsed, cancellationToken) =>
                LeakageCheck.Run(
                    await ColumnReader.ReadAsync(parsed.GetValue(train)!, null, cancellationToken),
                    await ColumnReader.ReadAsync(parsed.GetValue(test)!, null, cancellationToken),
                    new LeakageOptions
                    {
                        Label = parsed.GetValue(label)!,
                        Id = parsed.GetValue(id),
                        Time = parsed.GetValue(time),
                        Allow = parsed.GetValue(allow) ?? [],
                    }
                )
        );
    }

    private static Command Distribution()
    {
        var (reference, current) = (
            File("reference", "Reference rows, usually the training data."),
            File("current", "Current rows to compare.")
        );
        var preset = new Option<string>("--preset")
        {
            Description = "Rule set: default or evidently.",
            DefaultValueFactory = _ => DriftPresets.Default,
        };
        var share = new Option<double>("--share")
        {
            Description = "Fail if at least this share of columns has drifted.",
            DefaultValueFactory = _ => new DriftOptions().DriftShare,
        };
        var exclude = new Option<string[]>("--exclude") { Description = "Column to exclude, such as an ID. Can be repeated." };
        var html = new Option<string?>("--html") { Description = "Write the drift report as an HTML page to this file." };
        return Of(
            new Command("distribution", "Check rows for drift against reference rows.")
            {
                reference,
                current,
                preset,
                share,
                exclude,
                html,
            }.WithExample("mlops check distribution train.csv new.csv --exclude customer --share 0.3"),
            async (parsed, cancellationToken) =>
            {
                DriftPresets.Check(parsed.GetValue(preset)!);
                var report = DriftDetector.Compare(
                    await ColumnReader.ReadAsync(parsed.GetValue(reference)!, null, cancellationToken),
                    await ColumnReader.ReadAsync(parsed.GetValue(current)!, null, cancellationToken),
                    new DriftOptions
                    {
                        Preset = parsed.GetValue(preset)!,
                        DriftShare = parsed.GetValue(share),
                        Exclude = parsed.GetValue(exclude) ?? [],
                    }
                );
                if (parsed.GetValue(html) is { } page)
                {
                    await System.IO.File.WriteAllTextAsync(page, report.ToHtml(), cancellationToken);
                }

                return DistributionCheck.Of(report);
            }
        );
    }

    private static Command Model()
    {
        var model = new Argument<string>("model") { Description = "Model folder." };
        var data = new Option<string>("--data")
        {
            Description = "Labeled rows that were not used for training: a CSV or Parquet file.",
            Required = true,
        };
        var bound = new Option<string[]>("--bound")
        {
            Description = "Bound as METRIC=VALUE: a minimum, or a maximum for losses. Can be repeated.",
        };
        var champion = new Option<string?>("--champion")
        {
            Description = "Baseline model: a folder or a `models:/` URI. The check fails if the new model is worse.",
        };
        var margin = new Option<double>("--margin")
        {
            Description = "Tolerated loss against the baseline.",
            DefaultValueFactory = _ => new ModelCheckOptions().Margin,
        };
        return Of(
            new Command("model", "Check a model on labeled rows.") { model, data, bound, champion, margin }.WithExample(
                "mlops check model model/ --data test.csv --bound auc=0.8 --bound log_loss=0.5"
            ),
            async (parsed, cancellationToken) =>
            {
                var options = new ModelCheckOptions { Bounds = Bounds(parsed.GetValue(bound) ?? []), Margin = parsed.GetValue(margin) };
                await using var folder = await ChampionFolder.OpenAsync(parsed.GetValue(champion), cancellationToken);
                var report = await ModelCheck.RunAsync(
                    parsed.GetValue(model)!,
                    parsed.GetValue(data)!,
                    options with
                    {
                        Champion = folder.Path,
                    },
                    cancellationToken
                );
                return folder.Note is null
                    ? report
                    : report with
                    {
                        Checks = [.. report.Checks, new Check("not worse than the champion", null, folder.Note)],
                    };
            }
        );
    }

    private static Argument<string> File(string name, string description) => new(name) { Description = description };

    private static Dictionary<string, double> Bounds(string[] texts)
    {
        var bounds = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var text in texts)
        {
            var at = text.IndexOf('=', StringComparison.Ordinal);
            bounds[at > 0 ? text[..at] : ""] =
                at > 0
                && double.TryParse(text[(at + 1)..], NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
                && double.IsFinite(value)
                    ? value
                    : throw ServerlessException.Invalid($"--bound '{text}' is not METRIC=VALUE.", "Use the form --bound auc=0.8.");
        }

        return bounds;
    }

    private static Command Of(Command command, Func<ParseResult, CancellationToken, Task<CheckReport>> check)
    {
        var junit = new Option<string?>("--junit") { Description = "Write the result as JUnit XML to this file." };
        var markdown = new Option<string?>("--markdown")
        {
            Description = "Append the result as a Markdown table to this file, such as $GITHUB_STEP_SUMMARY.",
        };
        command.Add(junit);
        command.Add(markdown);
        command.Guarded(
            async (parsed, cancellationToken) =>
            {
                var report = await check(parsed, cancellationToken);
                foreach (var one in report.Checks)
                {
                    var (mark, colour) = one.Passed switch
                    {
                        true => ("passed", "green"),
                        false => ("failed", "red"),
                        null => ("note", "grey"),
                    };
                    Terminal.Out.MarkupLine($"[{colour}]{mark, -6}[/] {Markup.Escape(one.Name)}: {Markup.Escape(one.Message)}");
                    if (one is { Passed: false, Fix: { } fix })
                    {
                        Terminal.Out.WriteLine($"       {fix}");
                    }
                }

                if (parsed.GetValue(junit) is { } xml)
                {
                    using var stream = System.IO.File.Create(xml);
                    JUnitReport.Write(report, stream);
                }

                if (parsed.GetValue(markdown) is { } table)
                {
                    await System.IO.File.AppendAllTextAsync(table, report.ToMarkdown() + "\n", cancellationToken);
                }

                return report.Ok ? 0 : CommandLine.Failed;
            }
        );
        return command;
    }
}
