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

/// <summary>What a build server asks before it lets a change, a model or a deployment through. Needs no store.</summary>
internal static class CheckCommand
{
    public static Command Create() =>
        new("check", "Checks data or a model for a build server: exit code 0 passed, 1 not passed, 2 wrongly used.")
        {
            Data(),
            Leakage(),
            Distribution(),
            Model(),
        };

    private static Command Data()
    {
        var data = File("data", "The rows: a CSV or Parquet file.");
        var schema = new Option<string>("--schema")
        {
            Description = "The YAML file that says what the rows must be like.",
            Required = true,
        };
        return Of(
            new Command("data", "Checks rows against a schema.") { data, schema }.WithExample(
                "mlops check data data/churn.csv --schema schema.yaml --junit data.xml"
            ),
            (parsed, cancellationToken) => DataCheck.RunAsync(parsed.GetValue(data)!, parsed.GetValue(schema)!, cancellationToken)
        );
    }

    private static Command Leakage()
    {
        var (train, test) = (File("train", "The training rows."), File("test", "The test rows."));
        var label = new Option<string>("--label") { Description = "The column to predict.", Required = true };
        var id = new Option<string?>("--id") { Description = "The column that names what a row is about: no value may be in both parts." };
        var time = new Option<string?>("--time") { Description = "The column of the time: training must end before the test begins." };
        var allow = new Option<string[]>("--allow") { Description = "A column that may tell the label. May be given more than once." };
        return Of(
            new Command("leakage", "Looks for signs that the test rows are no honest judge.")
            {
                train,
                test,
                label,
                id,
                time,
                allow,
            }.WithExample("mlops check leakage train.csv test.csv --label churn --id customer"),
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
        var (reference, current) = (File("reference", "The rows that the model knows."), File("current", "The new rows."));
        var preset = new Option<string>("--preset")
        {
            Description = "The rules: default or evidently.",
            DefaultValueFactory = _ => DriftPresets.Default,
        };
        var share = new Option<double>("--share")
        {
            Description = "From this share of drifted columns on the check fails.",
            DefaultValueFactory = _ => new DriftOptions().DriftShare,
        };
        var exclude = new Option<string[]>("--exclude")
        {
            Description = "A column not to compare, such as an id. May be given more than once.",
        };
        var html = new Option<string?>("--html") { Description = "Where to write the drift report as a page." };
        return Of(
            new Command("distribution", "Compares rows with the ones that the model knows.")
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
        var model = new Argument<string>("model") { Description = "The model folder." };
        var data = new Option<string>("--data") { Description = "Labelled rows that the model has not seen.", Required = true };
        var bound = new Option<string[]>("--bound")
        {
            Description = "METRIC=VALUE: at least, or for losses at most. May be given more than once.",
        };
        var champion = new Option<string?>("--champion")
        {
            Description =
                "What serves now, a folder or models:/NAME/Production (a stage, version or @alias): the new one must not be worse.",
        };
        var margin = new Option<double>("--margin")
        {
            Description = "By how much it may be worse.",
            DefaultValueFactory = _ => new ModelCheckOptions().Margin,
        };
        return Of(
            new Command("model", "Checks a model on labelled rows.") { model, data, bound, champion, margin }.WithExample(
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
                    : throw ServerlessException.Invalid($"--bound '{text}' is not METRIC=VALUE.", "Write it like --bound auc=0.8.");
        }

        return bounds;
    }

    private static Command Of(Command command, Func<ParseResult, CancellationToken, Task<CheckReport>> check)
    {
        var junit = new Option<string?>("--junit") { Description = "Where to write JUnit XML." };
        var markdown = new Option<string?>("--markdown")
        {
            Description = "A file to append a Markdown table to, such as $GITHUB_STEP_SUMMARY.",
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
