using System.Globalization;
using Serverless.Core;
using Serverless.Local.Display;
using Serverless.Local.Hosting;
using Serverless.Tracking.Models;

namespace Serverless.Local.Commands.Checks;

/// <summary>
/// The folder of the baseline model: a folder on this disk, or a registered version that is downloaded and removed after use.
/// </summary>
internal sealed class ChampionFolder : IAsyncDisposable
{
    private const string Scheme = "models:/";

    private readonly string? temporary;

    private ChampionFolder(string? path, string? note = null, string? temporary = null)
    {
        Path = path;
        Note = note;
        this.temporary = temporary;
    }

    public string? Path { get; }

    /// <summary>Why there is no folder although one was requested: a first model has no champion, which must not fail it.</summary>
    public string? Note { get; }

    public static async Task<ChampionFolder> OpenAsync(string? given, CancellationToken cancellationToken)
    {
        if (given is null || !given.StartsWith(Scheme, StringComparison.Ordinal))
        {
            return new ChampionFolder(given);
        }

        await using var host = await LocalHost.OpenAsync(Terminal.Tell, cancellationToken);
        if (await FindAsync(host.Registry, given, cancellationToken) is not { } version)
        {
            return new ChampionFolder(null, $"{given} does not exist yet.");
        }

        var folder = Directory.CreateTempSubdirectory("mlops-champion-").FullName;
        try
        {
            await host.Registry.DownloadAsync(version, folder, cancellationToken);
            return new ChampionFolder(folder, temporary: folder);
        }
        catch
        {
            Directory.Delete(folder, recursive: true);
            throw;
        }
    }

    public ValueTask DisposeAsync()
    {
        if (temporary is not null)
        {
            Directory.Delete(temporary, recursive: true);
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Resolves models:/NAME/VERSION, models:/NAME/STAGE or models:/NAME@ALIAS, MLflow's three forms.</summary>
    private static async Task<ModelVersion?> FindAsync(ModelRegistry registry, string uri, CancellationToken cancellationToken)
    {
        var rest = uri[Scheme.Length..];
        if (rest.LastIndexOf('@') is var at and > 0)
        {
            return (await registry.Versions.GetByAliasAsync(rest[..at], rest[(at + 1)..], cancellationToken)).Version;
        }

        var slash = rest.LastIndexOf('/');
        if (slash <= 0)
        {
            throw Wrong(uri);
        }

        var (name, which) = (rest[..slash], rest[(slash + 1)..]);
        if (int.TryParse(which, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return (await registry.Versions.GetAsync(name, number, cancellationToken)).Version;
        }

        // Only a stage may be empty: a missing version or alias is a mistake.
        return Enum.TryParse<Stage>(which, ignoreCase: true, out var stage) && Enum.IsDefined(stage)
            ? await registry.GetLatestAsync(name, stage, cancellationToken)
            : throw Wrong(uri);
    }

    private static ServerlessException Wrong(string uri) =>
        ServerlessException.Invalid(
            $"'{uri}' is not a model version URI.",
            "Use models:/NAME/Production (or None, Staging, Archived), models:/NAME/3 or models:/NAME@champion."
        );
}
