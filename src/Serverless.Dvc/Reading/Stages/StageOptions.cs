using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;
using Serverless.Data.Values;
using Serverless.Dvc.Reading.Schema;
using Serverless.Dvc.Reading.Templating;
using Serverless.Pipelines.Model;

namespace Serverless.Dvc.Reading.Stages;

/// <summary>Reads the keys that DVC does not have, except `uses` and `with`.</summary>
internal sealed partial class StageOptions(Findings findings)
{
    public void Read(DvcStage stage, DataMap data, IReadOnlySet<string> failed)
    {
        DataNode? Given(string key) => failed.Contains(key) ? null : data[key];
        When(stage, Given("when"));
        Retry(stage, Given("retry"));
        Resources(stage, Given("resources"));
        Approval(stage, Given("approval"));
        Environment(stage, Given("env"));
        if (Given("timeout") is { } timeout)
        {
            stage.Timeout = Time(stage, "timeout", timeout);
        }
    }

    private void When(DvcStage stage, DataNode? value)
    {
        if (value is null)
        {
            return;
        }

        if (value.AsText is not { } && value.AsBool is null)
        {
            Wrong(stage, "when", value, "a condition such as compare.promote == true");
            return;
        }

        stage.When = value.AsText ?? (value.AsBool == true ? "true" : "false");
        stage.WhenLine = value.Line;
    }

    private void Retry(DvcStage stage, DataNode? value)
    {
        if (value is null)
        {
            return;
        }

        if (value is not DataMap map)
        {
            stage.Retry = Attempts(stage, "retry", value) is { } times ? new RetrySpec { Attempts = times } : null;
            return;
        }

        Keys(stage, "retry", map, StageKeys.Retry);
        if (map["attempts"] is not { } attempts)
        {
            findings.Add(
                Errors.Validation,
                $"'retry' of stage '{stage.Name}' has no 'attempts'",
                map.Line,
                "Set the number of attempts, including the first one: attempts: 3."
            );
            return;
        }

        var standard = new RetrySpec { Attempts = Attempts(stage, "retry.attempts", attempts) ?? 1 };
        var factor = map["factor"] is { } f ? Number(f) : standard.Factor;
        if (factor is not >= 1 || !double.IsFinite(factor.Value))
        {
            Wrong(stage, "retry.factor", map["factor"]!, "a number of 1 or more");
        }

        stage.Retry = standard with
        {
            Backoff = map["backoff"] is { } backoff ? Wait(stage, "retry.backoff", backoff) ?? standard.Backoff : standard.Backoff,
            Factor = factor ?? standard.Factor,
            MaxBackoff = map["max_backoff"] is { } most
                ? Wait(stage, "retry.max_backoff", most) ?? standard.MaxBackoff
                : standard.MaxBackoff,
        };
    }

    private void Resources(DvcStage stage, DataNode? value)
    {
        if (value is not DataMap map)
        {
            return;
        }

        Keys(stage, "resources", map, StageKeys.Resources);
        var (cpu, memory, gpu, image) = (map["cpu"], map["memory"], map["gpu"], map["image"]);
        stage.Resources = new ResourceSpec
        {
            Cpu = cpu is null ? null : Cpu(stage, cpu),
            Memory = Quantity(stage, "resources.memory", memory, MemoryPattern(), "an amount of memory such as 512Mi or 4Gi"),
            Gpu = Quantity(
                stage,
                "resources.gpu",
                gpu,
                GpuPattern(),
                "a type of GPU such as t4 or a100, a number of GPUs, or type:number such as nvidia.com/gpu:1"
            ),
            Image = Quantity(stage, "resources.image", image, ImagePattern(), "a container image's name"),
        };
    }

    private double? Cpu(DvcStage stage, DataNode value)
    {
        var cores =
            value.AsText is { } text
            && text.EndsWith('m')
            && int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var milli)
                ? milli / 1000d
                : Number(value);
        if (cores is > 0 and < 10000)
        {
            return cores;
        }

        Wrong(stage, "resources.cpu", value, "a number of cores such as 2, 0.5 or 500m");
        return null;
    }

    private string? Quantity(DvcStage stage, string key, DataNode? value, Regex pattern, string expected)
    {
        if (value is null)
        {
            return null;
        }

        var text = value.Kind is DataKind.Text or DataKind.Int ? PythonText.Str(value) : "";
        if (pattern.IsMatch(text))
        {
            return text;
        }

        Wrong(stage, key, value, expected);
        return null;
    }

    private void Approval(DvcStage stage, DataNode? value)
    {
        switch (value)
        {
            case null or { AsBool: false }:
                return;
            case { AsBool: true }:
                stage.Approval = new ApprovalSpec();
                return;
            case DataMap map:
                Keys(stage, "approval", map, StageKeys.Approval);
                stage.Approval = new ApprovalSpec
                {
                    Message = Text(stage, "approval.message", map["message"]),
                    Role = Text(stage, "approval.role", map["role"]),
                    Deadline = map["deadline"] is { } deadline ? Time(stage, "approval.deadline", deadline) : null,
                };
                return;
            default:
                Wrong(stage, "approval", value, "true, or a map with message, role, deadline");
                return;
        }
    }

    private void Environment(DvcStage stage, DataNode? value)
    {
        foreach (var entry in (value as DataMap)?.Entries ?? [])
        {
            var name = PythonText.Str(entry.Key);
            if (entry.Key.Kind != DataKind.Text || !NamePattern().IsMatch(name))
            {
                findings.Add(
                    Errors.Validation,
                    $"'{name}' in 'env' of stage '{stage.Name}' is not a valid environment variable name",
                    entry.Key.Line,
                    "Use letters, digits and '_', starting with a letter."
                );
            }
            else if (entry.Value is not DataScalar { Kind: DataKind.Text or DataKind.Int or DataKind.Float or DataKind.Bool } scalar)
            {
                Wrong(stage, "env." + name, entry.Value, "text");
            }
            else
            {
                stage.Environment[name] = new CommandStyle().Text(scalar);
            }
        }
    }

    private int? Attempts(DvcStage stage, string key, DataNode value)
    {
        if (value is DataScalar { Value: BigInteger times } && times >= 1 && times <= 100)
        {
            return (int)times;
        }

        Wrong(stage, key, value, "a whole number from 1 to 100, or a map with attempts, backoff, factor, max_backoff");
        return null;
    }

    // A wait may be zero, unlike a limit.
    private TimeSpan? Wait(DvcStage stage, string key, DataNode value) => Number(value) == 0 ? TimeSpan.Zero : Time(stage, key, value);

    private TimeSpan? Time(DvcStage stage, string key, DataNode value)
    {
        if (Duration.Read(value) is { } time)
        {
            return time;
        }

        Wrong(stage, key, value, Duration.Expected);
        return null;
    }

    private string? Text(DvcStage stage, string key, DataNode? value)
    {
        if (value is not null && value.Kind != DataKind.Text)
        {
            Wrong(stage, key, value, "text");
        }

        return value?.AsText;
    }

    private void Keys(DvcStage stage, string key, DataMap map, string[] known) =>
        new Shape(findings, allowsTemplates: false).Keys(
            new Place($"data['stages']['{stage.Group}']['{key}']", $"'{key}' of stage '{stage.Name}'"),
            map,
            known
        );

    private void Wrong(DvcStage stage, string key, DataNode value, string expected) =>
        findings.Add(
            Errors.Validation,
            $"'{key}' of stage '{stage.Name}' must be {expected}, but is "
                + $"{(value is DataScalar ? PythonText.Repr(value) : value is DataMap ? "a map" : "a list")}",
            value.Line,
            $"Use {expected}."
        );

    private static double? Number(DataNode value) =>
        value switch
        {
            DataScalar { Value: BigInteger whole } => (double)whole,
            DataScalar { Value: double real } => real,
            { AsText: { } text } when double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) =>
                number,
            _ => null,
        };

    [GeneratedRegex(@"^(?=[0-9.]*[1-9])[0-9]{1,19}(?:\.[0-9]+)?(?:[KMGTPE]i?|k|m)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex MemoryPattern();

    [GeneratedRegex(@"^(?:[0-9]{1,4}|[A-Za-z][A-Za-z0-9./_-]*(?::[0-9]{1,4})?)\z", RegexOptions.CultureInvariant)]
    private static partial Regex GpuPattern();

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._:/@-]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex ImagePattern();

    [GeneratedRegex(@"^[A-Za-z_][A-Za-z0-9_]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex NamePattern();
}
