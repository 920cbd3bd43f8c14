using Serverless.Core;
using Serverless.Data.Values;
using Serverless.Dvc.Compare.Plots;
using Serverless.Dvc.Projects;

namespace Serverless.Dvc.Compare;

/// <summary>The plots of a project in one or several revisions, as in `dvc plots show` and `dvc plots diff`.</summary>
public sealed class ProjectPlots
{
    private readonly Project project;
    private readonly List<VegaPlot> plots = [];
    private readonly List<ImagePlot> images = [];
    private readonly List<PlotError> errors = [];

    // In the order in which the plots were found, regardless of kind.
    private readonly List<string> order = [];

    private ProjectPlots(Project project) => this.project = project;

    public bool IsEmpty => order.Count == 0;

    public static IReadOnlyList<string> Templates => VegaTemplate.Names;

    /// <summary>Gets the revisions that could not be read completely.</summary>
    public IReadOnlyList<string> Failed => [.. errors.Select(e => e.Revision).Distinct(StringComparer.Ordinal)];

    public static string Template(string name) => VegaTemplate.TextOf(name);

    /// <summary>Returns the revisions that `plots diff` compares: the named ones, plus the work tree if there is only one.</summary>
    public static IReadOnlyList<string> Compared(Project project, IReadOnlyList<string> named)
    {
        var revisions = named.ToList();
        if (revisions.Count <= 1)
        {
            if (revisions.Count == 0 && project.Git is { HasCommits: true, IsDirty: true })
            {
                revisions.Add("HEAD");
            }

            revisions.Add(Revision.WorkTree);
        }

        return revisions;
    }

    /// <param name="revisions">The revisions; none for the work tree.</param>
    /// <param name="targets">Files, or prefixes of plot ids; none for all.</param>
    /// <param name="props">Properties that override those of the definitions: template, x, y, title, ….</param>
    public static ProjectPlots Read(
        Project project,
        IReadOnlyList<string> revisions,
        IReadOnlyList<string> targets,
        IReadOnlyDictionary<string, string> props,
        bool? hasHeader
    )
    {
        var result = new ProjectPlots(project);
        var given = DataValues.Map([
            .. props.Select(p => (p.Key, (DataNode?)DataScalar.Text(p.Value))),
            ("header", hasHeader is { } header ? DataScalar.Bool(header) : null),
        ]);
        var groups = new OrderedDictionary<string, List<(Revision Revision, string DefinedAs, DataMap Definition)>>(StringComparer.Ordinal);
        foreach (var revision in result.Revisions(revisions))
        {
            foreach (var (id, definedAs, definition) in new PlotDefinitions(project, revision, targets, given).Read())
            {
                if (!groups.TryGetValue(id, out var group))
                {
                    groups[id] = group = [];
                }

                group.Add((revision, definedAs, definition));
            }
        }

        foreach (var (id, group) in groups)
        {
            result.Add(id, group);
        }

        return result;
    }

    /// <param name="folder">The folder for images, to which the JSON refers.</param>
    public string Json(string folder)
    {
        var data = new List<DataEntry>();
        foreach (var id in order)
        {
            if (images.Find(i => i.Id == id) is { } image)
            {
                data.Add(
                    FileValues.Entry(
                        id,
                        new DataList([
                            .. image.Images.Select(i =>
                                (DataNode)
                                    DataValues.Map(
                                        ("type", DataScalar.Text("image")),
                                        ("revisions", new DataList([DataScalar.Text(i.Revision)])),
                                        ("url", DataScalar.Text(WriteImage(folder, i)))
                                    )
                            ),
                        ])
                    )
                );
            }
            else if (plots.Find(p => p.Id == id) is { } plot)
            {
                data.Add(
                    FileValues.Entry(
                        id,
                        new DataList(
                            plot.Axes is null
                                ? []
                                :
                                [
                                    DataValues.Map(
                                        ("type", DataScalar.Text("vega")),
                                        ("revisions", new DataList([.. plot.Revisions.Select(r => (DataNode)DataScalar.Text(r))])),
                                        ("content", plot.Spec(project))
                                    ),
                                ]
                        )
                    )
                );
            }
        }

        return PythonJson.Dump(
            DataValues.Map(
                ("errors", errors.Count == 0 ? null : new DataList([.. errors.Select(e => (DataNode)e.ToData())])),
                ("data", data.Count == 0 ? null : new DataMap(data))
            )
        );
    }

    /// <summary>Returns the specification of the first plot of values, or null.</summary>
    public string? Vega() => plots.Find(p => p.Axes is not null) is { } plot ? PythonJson.Dump(plot.Spec(project)) : null;

    /// <summary>Writes the page, the specifications and the images. Returns the page's path.</summary>
    public string WritePage(string folder)
    {
        var statics = Path.Combine(folder, "static");
        Directory.CreateDirectory(statics);
        var specs = new Dictionary<VegaPlot, string>();
        foreach (var (i, plot) in plots.Where(p => p.Axes is not null).Index())
        {
            var name = $"{i + 1}_{Safe(plot.Id)}.vl.json";
            File.WriteAllText(Path.Combine(statics, name), PythonJson.Dump(plot.Spec(project)) + "\n");
            specs[plot] = "static/" + Uri.EscapeDataString(name);
        }

        var urls = images
            .SelectMany(i => i.Images)
            .ToDictionary(i => (i.Revision, i.File), i => "static/" + Uri.EscapeDataString(Path.GetFileName(WriteImage(statics, i))));
        var page = Path.Combine(Path.GetFullPath(folder), "index.html");
        File.WriteAllText(page, PlotPage.Write(plots, images, errors, p => specs[p], i => urls[i]));
        return page;
    }

    private static string Safe(string name) => name.Replace('/', '_').Replace('\\', '_').Replace(':', '_');

    private static string WriteImage(string folder, (string Revision, string File, byte[] Bytes) image)
    {
        Directory.CreateDirectory(folder);
        var path = Path.Combine(Path.GetFullPath(folder), $"{image.Revision}_{image.File}".Replace('/', '_'));
        File.WriteAllBytes(path, image.Bytes);
        return path;
    }

    private IEnumerable<Revision> Revisions(IReadOnlyList<string> named)
    {
        if (named.Count == 0 || named.Contains(Revision.WorkTree))
        {
            var (index, data) = project.WorkTree;
            yield return new Revision(Revision.WorkTree, index, data);
        }

        foreach (var name in named.Where(n => n != Revision.WorkTree).Distinct(StringComparer.Ordinal))
        {
            var git =
                project.Git
                ?? throw ServerlessException.Invalid(
                    "This project is not in a Git repository, so it has no other revisions.",
                    "Run `git init` and commit."
                );
            Revision? revision = null;
            try
            {
                var (index, data) = project.At(git.Resolve(name));
                revision = new Revision(name, index, data);
            }
            catch (ServerlessException e) when (e.Status != 404)
            {
                errors.Add(new PlotError(null, name, null, e));
            }

            if (revision is not null)
            {
                yield return revision;
            }
        }
    }

    private void Add(string id, List<(Revision Revision, string DefinedAs, DataMap Definition)> group)
    {
        order.Add(id);

        // The first revision determines how it is plotted. Others only add what that one does not set.
        var definition = group.AsEnumerable().Reverse().Aggregate(DataMap.Empty, (all, g) => PlotDefinitions.Merge(all, g.Definition));
        var found = new List<(string Revision, DataPoints Points)>();
        var pictures = new List<(string, string, byte[])>();
        foreach (var (revision, definedAs, own) in group)
        {
            var files = new Dictionary<string, DataNode>(StringComparer.Ordinal);
            foreach (var source in Sources(definedAs, own))
            {
                var file = PlotFiles.Read(
                    revision.Data!,
                    Path.GetFullPath(Path.Combine(project.Paths.Here, source)),
                    source,
                    own["header"]?.AsBool ?? true
                );
                if (file.Wrong is { } wrong)
                {
                    errors.Add(new PlotError(id, revision.Name, source, wrong));
                }
                else if (file.Image is { } image)
                {
                    pictures.Add((revision.Name, source, image));
                }
                else
                {
                    files[source] = file.Values!;
                }
            }

            try
            {
                if (files.Count > 0 && new DataPointReader(definedAs, definition, files).Read(revision.Name) is { } points)
                {
                    found.Add((revision.Name, points));
                }
            }
            catch (ServerlessException e)
            {
                errors.Add(new PlotError(id, revision.Name, null, e));
            }
        }

        if (pictures.Count > 0 || PlotFiles.IsImage(id))
        {
            images.Add(new ImagePlot(id, pictures));
        }
        else
        {
            plots.Add(
                new VegaPlot(
                    id,
                    definition["template"]?.AsText,
                    definition["title"]?.AsText,
                    [.. found.Select(f => f.Points)],
                    [.. found.Select(f => f.Revision)]
                )
            );
        }
    }

    private static IEnumerable<string> Sources(string id, DataMap definition)
    {
        var ys = definition["y"] is DataMap files ? files.Entries.Select(e => PythonText.Str(e.Key)) : [id];
        var xs = definition["x"] is DataMap { Entries.Count: > 0 } x ? [PythonText.Str(x.Entries[0].Key)] : Enumerable.Empty<string>();
        return ys.Concat(xs).Distinct(StringComparer.Ordinal);
    }
}
