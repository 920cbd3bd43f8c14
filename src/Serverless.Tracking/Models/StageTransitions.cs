using System.Globalization;
using Serverless.Core;
using Serverless.Storage.Tables;

namespace Serverless.Tracking.Models;

/// <summary>Moves versions between stages.</summary>
internal sealed class StageTransitions(ModelWriter writer)
{
    /// <summary>
    /// The maximum number of versions archived in one transaction. Each needs a row and a history entry; of a transaction's 100 rows,
    /// three belong to the version and the model.
    /// </summary>
    private const int MostArchived = (Table.MaxChanges - 3) / 2;

    public async Task<ModelState> MoveAsync(TransitionRequest request, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                var isDone = true;
                var state = await writer.UpdateAsync(
                    request.Name,
                    there =>
                    {
                        var edit = Work(there, request, out isDone);
                        return edit;
                    },
                    cancellationToken
                );
                if (isDone)
                {
                    return state;
                }
            }
        }
        catch (ServerlessException e) when (e.Code == ErrorCodes.PermissionDenied)
        {
            await RememberAsync(request, cancellationToken);
            throw;
        }
    }

    /// <param name="isDone">False if the stage has more versions than one transaction can archive. The version itself moves in the last
    /// transaction.</param>
    private ModelEdit Work(ModelState? state, TransitionRequest request, out bool isDone)
    {
        var version = state?.Find(request.Version) ?? throw ModelErrors.VersionNotFound(request.Name, request.Version);
        if (request.Stage == Stage.Production && version.Stage != Stage.Production)
        {
            ProductionGuard.Of(state.Model)?.CheckPromotion(state.Model, request.Version, new Actor(request.By, request.Pipeline));
        }

        var now = writer.Now;
        var others = request.ArchiveExisting
            ? state.Versions.Where(v => v.Stage == request.Stage && v.Version != request.Version).ToList()
            : [];
        isDone = others.Count <= MostArchived;
        var moves = others
            .Take(MostArchived)
            .Select(v =>
                (
                    Version: v,
                    To: Stage.Archived,
                    Why: (string?)string.Create(CultureInfo.InvariantCulture, $"version {request.Version} replaced it")
                )
            );
        if (isDone && version.Stage != request.Stage)
        {
            moves = moves.Prepend((version, request.Stage, request.Why));
        }

        var all = moves.ToList();
        return new ModelEdit(all.Count == 0 ? state.Model : state.Model with { UpdatedAt = now })
        {
            Versions = [.. all.Select(m => m.Version with { Stage = m.To, UpdatedAt = now })],
            Audit =
            [
                .. all.Select(m => new AuditEntry(
                    now,
                    request.By,
                    "transition",
                    m.Version.Version,
                    m.Version.Stage.ToString(),
                    m.To.ToString(),
                    m.Why
                )),
            ],
        };
    }

    /// <summary>Records a rejected transition in the history, where approvers see the request.</summary>
    private async Task RememberAsync(TransitionRequest request, CancellationToken cancellationToken)
    {
        if (await writer.Table.FindAsync(request.Name, cancellationToken) is { } state && state.Find(request.Version) is { } version)
        {
            await writer.Table.Rows.CommitAsync(
                writer.Table.Audit(
                    state.Model.Id,
                    new AuditEntry(
                        writer.Now,
                        request.By,
                        "refused",
                        request.Version,
                        version.Stage.ToString(),
                        request.Stage.ToString(),
                        request.Why
                    )
                ),
                cancellationToken
            );
        }
    }
}
