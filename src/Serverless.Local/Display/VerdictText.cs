using System.Text.Json;
using Spectre.Console;

namespace Serverless.Local.Display;

/// <summary>Formats the verdict of `compare`: test, p-value, effect and reasons.</summary>
internal static class VerdictText
{
    public static void Write(JsonElement verdict)
    {
        var promote = verdict.TryGetProperty("promote", out var p) && p.ValueKind == JsonValueKind.True;
        Terminal.Out.MarkupLine(promote ? "Verdict: [green]promote[/]" : "Verdict: [yellow]do not promote[/]");
        if (Number(verdict, "p_value") is { } probability && Number(verdict, "effect") is { } effect)
        {
            var against =
                verdict.TryGetProperty("champion", out var champion) && champion.ValueKind == JsonValueKind.Object ? "the champion"
                : verdict.TryGetProperty("runner_up", out var second) && second.ValueKind == JsonValueKind.Object
                    ? $"the runner-up {Text(second, "name")}"
                : "no baseline";
            Terminal.Out.WriteLine(
                $"  {Text(verdict, "metric")} against {against}: {Text(verdict, "test")}, p = {RunText.Number(probability)}, effect = "
                    + $"{RunText.Number(effect)}"
            );
        }

        if (verdict.TryGetProperty("reasons", out var reasons) && reasons.ValueKind == JsonValueKind.Array)
        {
            foreach (var reason in reasons.EnumerateArray())
            {
                Terminal.Out.WriteLine($"  - {reason.GetString()}");
            }
        }
    }

    private static double? Number(JsonElement verdict, string name) =>
        verdict.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;

    private static string? Text(JsonElement verdict, string name) =>
        verdict.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
