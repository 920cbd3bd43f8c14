using System.Text;
using Serverless.Core;

namespace Serverless.Dvc.Files;

/// <summary>Gives access to the files of a commit as if they were in the work tree.</summary>
internal sealed class GitFiles : IProjectFiles
{
    private readonly GitRepository git;
    private readonly Dictionary<string, (string Id, bool IsLink)> files = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SortedDictionary<string, bool>> folders = new(StringComparer.Ordinal);

    public GitFiles(GitRepository git, string commit)
    {
        this.git = git;
        folders[git.Root] = new SortedDictionary<string, bool>(CodePointOrder.Instance);
        foreach (var (path, id, isLink) in git.Files(commit))
        {
            var full = Path.Combine(git.Root, path);
            files[full] = (id, isLink);
            Add(full, isFolder: false);
        }
    }

    public bool FileExists(string path) => files.ContainsKey(path);

    public bool FolderExists(string path) => folders.ContainsKey(path);

    public byte[] Read(string path)
    {
        // The object of a link contains its target.
        for (var links = 0; links < 10 && files.TryGetValue(path, out var found); links++)
        {
            var bytes = git.Read(found.Id);
            if (!found.IsLink)
            {
                return bytes;
            }

            path = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, Encoding.UTF8.GetString(bytes)));
        }

        throw new FileNotFoundException($"[Errno 2] No such file or directory: '{path}'", path);
    }

    public IEnumerable<(string Name, bool IsFolder)> List(string folder) =>
        folders.TryGetValue(folder, out var names) ? names.Select(n => (n.Key, n.Value)) : [];

    private void Add(string path, bool isFolder)
    {
        for (var at = path; at.Length > git.Root.Length; at = Path.GetDirectoryName(at)!)
        {
            var parent = Path.GetDirectoryName(at)!;
            var isNew = !folders.TryGetValue(parent, out var names);
            if (isNew)
            {
                folders[parent] = names = new SortedDictionary<string, bool>(CodePointOrder.Instance);
            }

            names![Path.GetFileName(at)] = isFolder;
            if (!isNew)
            {
                return;
            }

            isFolder = true;
        }
    }
}
