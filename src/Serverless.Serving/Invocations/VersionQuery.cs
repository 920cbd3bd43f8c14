using System.Globalization;
using Serverless.Core;
using Serverless.Tracking.Models;

namespace Serverless.Serving.Invocations;

/// <summary>The version that a request names by number, stage or alias, if any.</summary>
public sealed record VersionQuery(string? Stage = null, string? Alias = null, string? Version = null)
{
    private const int MostListed = 10;

    public static VersionQuery None { get; } = new();

    public bool IsPinned => Stage is not null || Alias is not null || Version is not null;

    /// <summary>Finds the named version.</summary>
    public ModelVersion Find(ModelState model)
    {
        if (new[] { Stage, Alias, Version }.Count(part => part is not null) != 1)
        {
            throw ServerlessException.Invalid("stage, alias and version cannot be combined.", "Give only one of them.");
        }

        var name = model.Model.Name;
        if (Version is not null)
        {
            return (int.TryParse(Version, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? model.Find(number) : null)
                ?? throw Missing(model, $"'{name}' has no version {Version}.");
        }

        if (Alias is not null)
        {
            return (model.Model.Aliases.TryGetValue(Alias, out var aliased) ? model.Find(aliased) : null)
                ?? throw Missing(model, $"'{name}' has no alias '{Alias}'.");
        }

        return Enum.GetNames<Stage>().FirstOrDefault(n => n.Equals(Stage, StringComparison.OrdinalIgnoreCase)) is { } stage
            ? model.Latest(Enum.Parse<Stage>(stage)) ?? throw Missing(model, $"'{name}' has no version in {stage}.")
            : throw Missing(model, $"Unknown stage '{Stage}': use {string.Join(", ", Enum.GetNames<Stage>())}.");
    }

    /// <summary>Lists the versions and aliases of a model for an error message.</summary>
    public static string Existing(ModelState model)
    {
        if (model.Versions.Count == 0)
        {
            return "no versions";
        }

        var versions = model
            .Versions.Reverse()
            .Take(MostListed)
            .Select(v => string.Create(CultureInfo.InvariantCulture, $"{v.Version} ({v.Stage})"));
        var more = model.Versions.Count > MostListed ? ", …" : "";
        var aliases =
            model.Model.Aliases.Count == 0
                ? ""
                : "; aliases "
                    + string.Join(
                        ", ",
                        model
                            .Model.Aliases.OrderBy(a => a.Key, StringComparer.Ordinal)
                            .Select(a => string.Create(CultureInfo.InvariantCulture, $"{a.Key} → {a.Value}"))
                    );
        return $"versions {string.Join(", ", versions)}{more}{aliases}";
    }

    private static ServerlessException Missing(ModelState model, string message) =>
        ServerlessException.NotFound(
            $"{message} Available: {Existing(model)}.",
            $"List its versions with `mlops models {model.Model.Name}`."
        );
}
