namespace Serverless.Tracking.Models;

/// <summary>A consistent snapshot of a model with all its versions.</summary>
public sealed class ModelState
{
    private readonly ModelVersion[] versions;

    /// <param name="stored">The versions, ordered by number like their rows.</param>
    internal ModelState(RegisteredModel model, string etag, IEnumerable<ModelVersion> stored)
        : this(model, etag, [.. stored.Where(v => v.DeletedAt is null).Select(v => Named(v, model))]) { }

    private ModelState(RegisteredModel model, string etag, ModelVersion[] versions)
    {
        Model = model;
        ETag = etag;
        this.versions = versions;
    }

    public RegisteredModel Model { get; }

    /// <summary>Gets the versions, oldest first, without deleted ones.</summary>
    public IReadOnlyList<ModelVersion> Versions => versions;

    /// <summary>Gets the ETag of the model's row, which every change of the model replaces, so it represents the whole state.</summary>
    internal string ETag { get; }

    public ModelVersion? Find(int version)
    {
        var at = IndexOf(versions, version);
        return at < 0 ? null : versions[at];
    }

    public ModelVersion? Latest(Stage stage) => Array.FindLast(versions, v => v.Stage == stage);

    /// <summary>Gets the newest version of each stage that has one.</summary>
    public IReadOnlyList<ModelVersion> LatestOfStages()
    {
        var latest = new ModelVersion?[Enum.GetValues<Stage>().Length];
        foreach (var version in versions)
        {
            latest[(int)version.Stage] = version;
        }

        return [.. latest.OfType<ModelVersion>().OrderBy(v => v.Version)];
    }

    public IEnumerable<string> AliasesOf(int version) => Model.Aliases.Where(a => a.Value == version).Select(a => a.Key);

    /// <summary>Returns the state after an edit was written.</summary>
    internal ModelState After(ModelEdit edit, string etag)
    {
        var changed = versions.ToList();
        foreach (var version in edit.Versions)
        {
            var at = changed.Count > 0 && changed[^1].Version < version.Version ? -1 : changed.FindIndex(v => v.Version == version.Version);
            if (at < 0)
            {
                // A restored version belongs in the middle.
                var after = changed.FindIndex(v => v.Version > version.Version);
                changed.Insert(after < 0 ? changed.Count : after, version);
            }
            else
            {
                changed[at] = version;
            }
        }

        return new ModelState(edit.Model, etag, (IEnumerable<ModelVersion>)changed);
    }

    private static int IndexOf(ModelVersion[] versions, int version)
    {
        var (low, high) = (0, versions.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var there = versions[middle].Version;
            if (there == version)
            {
                return middle;
            }

            (low, high) = there < version ? (middle + 1, high) : (low, middle - 1);
        }

        return -1;
    }

    private static ModelVersion Named(ModelVersion stored, RegisteredModel model) =>
        stored.Name == model.Name && (model.RenamedAt is null || stored.UpdatedAt >= model.RenamedAt)
            ? stored
            : stored with
            {
                Name = model.Name,
                UpdatedAt = model.RenamedAt > stored.UpdatedAt ? model.RenamedAt.Value : stored.UpdatedAt,
            };
}
