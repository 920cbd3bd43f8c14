using Serverless.Core;
using Serverless.Data.Params;
using Serverless.Data.Values;
using Serverless.Dvc.Files;

namespace Serverless.Dvc.Reading.Templating;

/// <summary>Reads the files of variables and parameters, each once.</summary>
internal sealed class VariableFiles(string directory, IProjectFiles? from = null)
{
    private readonly IProjectFiles disk = from ?? WorkTreeFiles.Instance;
    private readonly Dictionary<string, DataNode> read = new(StringComparer.Ordinal);

    /// <summary>Gets the files that were read, in order.</summary>
    public IReadOnlyList<string> Names => [.. read.Keys];

    public string FullPath(string path) => PipelinePath.Full(directory, path);

    public bool Exists(string path) => disk.FileExists(FullPath(path)) || disk.FolderExists(FullPath(path));

    /// <summary>Reads a whole file. Throws the exceptions of its reader.</summary>
    public DataNode Read(string path)
    {
        if (!read.TryGetValue(path, out var node))
        {
            read[path] = node = from is null
                ? ParamsFile.Read(FullPath(path), path)
                : ParamsFile.Parse(TextFile.Decode(from.Read(FullPath(path)), path), path);
        }

        return node;
    }

    /// <summary>Reads a variables file, or some of its keys.</summary>
    public DataMap Load(string path, IReadOnlyList<string> keys)
    {
        if (disk.FolderExists(FullPath(path)))
        {
            throw new TemplateException(TemplateFault.Load, $"'{path}' is a directory");
        }

        if (!disk.FileExists(FullPath(path)))
        {
            throw new TemplateException(TemplateFault.Load, $"'{path}' does not exist", fix: "Create the file, or remove it from `vars`.");
        }

        DataNode node;
        try
        {
            node = Read(path);
        }
        catch (ServerlessException broken)
        {
            throw new TemplateException(TemplateFault.BrokenFile, broken.Message) { Diagnostics = broken.Diagnostics };
        }

        if (node is not DataMap map)
        {
            throw new TemplateException(
                TemplateFault.Load,
                $"expected a dictionary, got '{node.TypeName}' in file '{path}'",
                fix: "Use `name: value` lines."
            );
        }

        if (keys.Count == 0)
        {
            return map;
        }

        return new DataMap([
            .. keys.Distinct(StringComparer.Ordinal)
                .Select(key =>
                    map.Find(key)
                    ?? throw new TemplateException(
                        TemplateFault.Load,
                        $"could not find '{key}' in '{path}'",
                        fix: NearestName.Hint(key, map.TextKeys, $"Keys: {string.Join(", ", map.TextKeys)}.")
                    )
                ),
        ]);
    }
}
