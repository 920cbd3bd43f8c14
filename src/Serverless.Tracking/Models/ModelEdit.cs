using Serverless.Storage.Tables;

namespace Serverless.Tracking.Models;

/// <summary>A change of one model. All of it is written in one transaction, guarded by the model's row.</summary>
internal sealed record ModelEdit(RegisteredModel Model)
{
    /// <summary>Gets the new or changed versions.</summary>
    public IReadOnlyList<ModelVersion> Versions { get; init; } = [];

    public IReadOnlyList<AuditEntry> Audit { get; init; } = [];

    /// <summary>Gets further rows of the registry's partition that change in the same transaction.</summary>
    public IReadOnlyList<RowChange> Rows { get; init; } = [];

    /// <summary>True if there is nothing to write: the model is already as it shall be.</summary>
    public bool IsEmpty => Versions.Count == 0 && Audit.Count == 0 && Rows.Count == 0;

    public static ModelEdit None(ModelState state) => new(state.Model);
}
