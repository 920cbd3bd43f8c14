using System.Globalization;
using System.Text;
using Serverless.Api.Artifacts;
using Serverless.Api.Hosting;
using Serverless.Core;
using Serverless.Core.Security;
using Serverless.Tracking.Models;
using Serverless.Tracking.Runs;

namespace Serverless.Api.Native.Registry;

/// <summary>
/// Model Cards. A pipeline writes one with its model. A version that a client registered by its source gets the README.md of the model's
/// folder, or a card generated from the registry and the run. It is generated on first request and then stored.
/// </summary>
public sealed class ModelCards(WorkspaceServices workspace)
{
    private const string FileName = "README.md";
    private const long Longest = 1 << 20;

    public async Task<string> ReadAsync(string name, int version, CancellationToken cancellationToken = default)
    {
        var (model, own) = await workspace.Models.Versions.GetAsync(name, version, cancellationToken);
        if (own.CardDigest is { } digest)
        {
            return Encoding.UTF8.GetString(await workspace.Store.Content.ReadAsync(digest, cancellationToken));
        }

        var card = await OfFolderAsync(own, cancellationToken) ?? await WriteAsync(model, own, cancellationToken);
        var kept = await workspace.Store.Content.PutBytesAsync(Encoding.UTF8.GetBytes(card), cancellationToken);
        await workspace.Models.Versions.KeepCardAsync(name, version, kept.Digest, cancellationToken);
        return card;
    }

    private async Task<string?> OfFolderAsync(ModelVersion version, CancellationToken cancellationToken)
    {
        try
        {
            await using var content = await new ModelFiles(workspace).OpenAsync(version.DownloadUri, FileName, cancellationToken);
            if (content is null || content.Info.Length > Longest)
            {
                return null;
            }

            using var reader = new StreamReader(content.Body, Encoding.UTF8);
            return await reader.ReadToEndAsync(cancellationToken);
        }
        catch (ServerlessException e) when (!e.IsRetryable)
        {
            // The source is elsewhere or missing: generate the card from what is known.
            return null;
        }
    }

    private async Task<string> WriteAsync(ModelState model, ModelVersion version, CancellationToken cancellationToken)
    {
        var run = version.RunId is { Length: > 0 } id ? await workspace.Runs.FindAsync(id, cancellationToken) : null;
        var text = new StringBuilder().Append("# ").Append(version.Name).Append(CultureInfo.InvariantCulture, $" {version.Version}\n\n");
        text.Append(
                version.Description is { Length: > 0 } own ? own
                : model.Model.Description is { Length: > 0 } common ? common
                : "This version has no description yet."
            )
            .Append('\n');
        Table(
            text,
            "Origin",
            [
                ("Source", version.Source),
                ("Registered by", version.CreatedBy ?? "unknown"),
                ("Registered (UTC)", $"{version.CreatedAt.UtcDateTime:yyyy-MM-dd HH:mm:ss}"),
                .. run is null
                    ? []
                    : ((string, string)[])[("Run", $"{run.Name} ({run.Id})"), ("Status of the run", RunEdits.FormatStatus(run.Status))],
                .. run is not null && run.Tags.TryGetValue("mlflow.source.git.commit", out var commit)
                    ? [("Git commit", commit)]
                    : ((string, string)[])[],
            ]
        );
        if (run is not null)
        {
            Table(text, "Training data", [.. run.Inputs.Select(i => (i.Name, $"digest {i.Digest}"))]);
            Table(text, "Parameters", [.. run.Params.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => (p.Key, p.Value))]);
            Table(
                text,
                "Results",
                [
                    .. run
                        .Metrics.OrderBy(m => m.Key, StringComparer.Ordinal)
                        .Select(m => (m.Key, m.Value.Value.ToString("0.######", CultureInfo.InvariantCulture))),
                ]
            );
        }

        Table(
            text,
            "Tags",
            [.. version.Tags.OrderBy(t => t.Key, StringComparer.Ordinal).Select(t => (t.Key, Secrets.Masked(t.Key, t.Value)))]
        );
        return text.ToString();
    }

    private static void Table(StringBuilder text, string title, IReadOnlyList<(string Name, string Value)> rows)
    {
        if (rows.Count == 0)
        {
            return;
        }

        text.Append("\n## ").Append(title).Append("\n\n| | |\n| --- | --- |\n");
        foreach (var (name, value) in rows)
        {
            text.Append("| ").Append(MarkdownText.Cell(name)).Append(" | ").Append(MarkdownText.Cell(value)).Append(" |\n");
        }
    }
}
