namespace MrfAd.Engine.Datasets;

/// <summary>The folder layout of a data set.</summary>
public enum DatasetLayout
{
    /// <summary><c>OBJECT/train/good</c>, <c>OBJECT/test/KIND</c>, <c>OBJECT/ground_truth/KIND/NAME_mask.png</c>.</summary>
    MvtecAd,

    /// <summary><c>OBJECT/train/good</c>, <c>validation/good</c>, <c>test_public/{good,bad,ground_truth}</c>, <c>test_private</c>, <c>test_private_mixed</c>.</summary>
    MvtecAd2,

    /// <summary>A table with the columns object, split, label, image, mask (VisA's <c>split_csv/1cls.csv</c>).</summary>
    Visa,

    /// <summary><c>good</c>; any other folder is a kind of defect; optional masks in <c>masks</c> or <c>ground_truth</c>, below <c>KIND</c> or not, <c>NAME.png</c> or <c>NAME_mask.png</c>.</summary>
    Folder,
}
