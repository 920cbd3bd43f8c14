namespace Serverless.Data.Files;

/// <summary>How DVC makes a digest of a file.</summary>
public enum HashKind
{
    /// <summary>The md5 of the bytes: DVC 3, `hash: md5` in a pointer.</summary>
    Md5,

    /// <summary>The md5 with line ends of text made those of Unix: DVC 2, a pointer without `hash`.</summary>
    Md5Dos2Unix,
}
