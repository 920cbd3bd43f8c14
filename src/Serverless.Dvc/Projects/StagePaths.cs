namespace Serverless.Dvc.Projects;

/// <summary>How paths of a project are shown to whoever stands in <paramref name="Here"/>.</summary>
/// <param name="Root">The folder that holds .dvc.</param>
/// <param name="Here">The folder that the user is in.</param>
internal sealed record StagePaths(string Root, string Here)
{
    /// <summary>As DVC shows paths: from here, or from the root for one who is not in the project.</summary>
    public string Show(string full) => !IsIn(full, Root) ? full : Relative(IsIn(Here, Root) ? Here : Root, full);

    public static string Relative(string folder, string full) => Path.GetRelativePath(folder, full).Replace('\\', '/');

    /// <summary>True for the folder itself and all below it.</summary>
    public static bool IsIn(string full, string folder) =>
        full.Length == folder.Length
            ? full == folder
            : full.StartsWith(folder, StringComparison.Ordinal) && (folder.EndsWith('/') || full[folder.Length] == '/');
}
